"""The state folder is corrupted, deleted, and set back to an older copy."""

import shutil

from mkdocs_gitguard.chaos.portal_trial import PortalTrial
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout

_CUT = 200


class _Trial(PortalTrial):
    def disturb(self) -> None:
        older = self.folder.parent / "older-state"
        shutil.copytree(self.state, older)
        heads = {name: repository.head for name, repository in self.repositories.items()}
        for repository in self.repositories.values():
            repository.merge()
        self.change()
        self.build_well()
        for path in self.state.iterdir():
            if path.is_file():
                data = path.read_bytes()
                path.write_bytes(data[: self.sandbox.dice.randrange(_CUT)] + data[_CUT:][: len(data) // 2])
        self.sandbox.note("Every file of the state folder corrupted")
        self.build_well_or_without_state()
        shutil.rmtree(self.state)
        self.sandbox.note("The state folder deleted")
        self.build_well()
        # The repositories as the copy knows them, and the site as it does not.
        for name, repository in self.repositories.items():
            repository.force(heads[name])
        shutil.rmtree(self.state)
        shutil.copytree(older, self.state)
        self.sandbox.note("The state folder set back to an older copy, and the repositories to what it knows")

    def build_well_or_without_state(self) -> None:
        try:
            self.build_well()
        except RuntimeError:
            # What the message says to do: "Deleting it loses speed and local history, nothing else."
            self.sandbox.detected("The build refused a corrupted state file, and said what to do")
            for path in self.state.glob("*.db*"):
                path.unlink()
            self.build_well()


DRILL = Drill(
    DrillAbout(
        name="state-lost",
        title="State folder corrupted, deleted, rolled back",
        component="state folder",
        hypothesis="Whatever the state folder holds, the next build gives what a clean build gives.",
        fault="Every file of it is corrupted; then it is deleted; then an older copy of it is put back, and the "
        "repositories to where they stood then.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    _Trial,
)
