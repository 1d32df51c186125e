"""One repository of several is corrupt; a CODEOWNERS file and a policy are malformed."""

from mkdocs_gitguard.chaos.portal_trial import NAMES, PortalTrial
from mkdocs_gitguard.chaos.processes import wait
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_BROKEN = "ledger"
_OWNERS = "* \x00 @@ !![ @mira\n[[[\n" + "*" * 5000 + " @\n"


class _Trial(PortalTrial):
    others_missing = 0

    def disturb(self) -> None:
        self.repositories["billing"].commit("Owners", {"CODEOWNERS": _OWNERS})
        self.repositories["guardrails"].commit(
            "Policy", {"policies/guard.rego": "package guard\n\ndeny contains {{{ \u202e\n"}
        )
        number = self.repositories["guardrails"].merge()
        packs = self.folder / "repositories" / _BROKEN
        paths = [*packs.glob("objects/pack/*.pack"), *packs.glob("objects/??/*")]
        broken = {path: path.read_bytes() for path in paths}
        for path, data in broken.items():
            path.chmod(0o644)
            path.write_bytes(data[: len(data) // 2] + b"\0" * 64)
        self.sandbox.note(f"{len(broken)} files of {_BROKEN} cut short")
        # The cache would do without the repository's objects.
        for path in self.state.glob("state.db*"):
            path.unlink()
        if wait(self.build()):
            self.others_missing = len(NAMES) - 1
        else:
            self.sandbox.detected("The build went on without it")
        others = [self.site / "repository" / "acme" / name for name in NAMES if name != _BROKEN]
        others.append(self.site / "pull-request" / "acme" / "guardrails" / str(number))
        self.others_missing += sum(not (page / "index.html").is_file() for page in others)
        for path, data in broken.items():
            path.write_bytes(data)

    def tally(self) -> Tally:
        tally = super().tally()
        if not self.others_missing:
            return tally
        sentence = f"{self.others_missing} pages of other repositories were missing beside a corrupt one."
        return Tally(
            looked_at=tally.looked_at,
            lost=tally.lost + self.others_missing,
            doubled=tally.doubled,
            differing=tally.differing,
            examples=(sentence, *tally.examples),
        )


DRILL = Drill(
    DrillAbout(
        name="corrupt-repository",
        title="One corrupt repository of several, malformed CODEOWNERS and policy",
        component="harvest",
        hypothesis="The other repositories keep all their pages, and after a repair all is as a clean build has it.",
        fault="The objects of one repository are cut short; one CODEOWNERS file and one policy are malformed.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    _Trial,
)
