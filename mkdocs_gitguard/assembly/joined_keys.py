"""Keys that are joined: what is joined is one person."""


class JoinedKeys:
    """Union-find over keys."""

    def __init__(self) -> None:
        """Join nothing yet."""
        self._parent: dict[str, str] = {}

    def copy(self) -> "JoinedKeys":
        """Return the same keys, joined as here, to be joined further."""
        other = JoinedKeys()
        other._parent = self._parent.copy()
        return other

    def find(self, key: str) -> str:
        """Return the key that stands for all those that are joined to one."""
        parent = self._parent
        root = parent.setdefault(key, key)
        while (above := parent[root]) != root:
            root = above
        while (above := parent[key]) != root:
            parent[key], key = root, above
        return root

    def join(self, one: str, other: str) -> None:
        """Join two keys, and all that are joined to them."""
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first
