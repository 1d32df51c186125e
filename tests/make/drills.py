"""Results of drills, made up for tests."""

from datetime import timedelta

from make.snapshot import NOW

from mkdocs_gitguard.model.drill import DrillAbout, DrillOutcome, DrillResult, DrillStep, Tally


def made_result(name: str, outcome: DrillOutcome, *, days: int = 0, words: str = "It went so.") -> DrillResult:
    about = DrillAbout(
        name=name,
        title=f"The drill {name}",
        component="the log",
        hypothesis="All is kept.",
        fault="It is killed.",
        blast_radius="Nothing.",
        time_limit=60,
    )
    return DrillResult(
        about=about,
        outcome=outcome,
        why=words,
        began=NOW - timedelta(days=days),
        seconds=1.5,
        seed=7,
        before=Tally(looked_at=3),
        after=Tally(looked_at=3, lost=int(outcome == "failed"), examples=(words,)),
        recovered=0.25,
        steps=(DrillStep(after=0.5, words=words),),
        log=(words,),
        versions={"Python": "3.13"},
    )
