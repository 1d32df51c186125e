"""Small charts as inline SVG, each with its facts in words. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_gitguard.model import LanguageShare, MonthActivity

_BAR = 8
_GAP = 2
_HEIGHT = 40
_LOWEST = 1.5
_SERIES = 6
_PROSE = frozenset(["Markdown", "reStructuredText", "Text", "AsciiDoc"])
_DATA = frozenset(["INI", "JSON", "SVG", "TOML", "XML", "YAML"])
_CODE = 10
"""One file of code in so many says what a repository is written in, however much data lies beside it."""


def activity_bars(activity: Sequence[MonthActivity], months: Sequence[str], *, is_small: bool = False) -> Markup:
    """Return a bar for each of the months (`YYYY-MM`): commits as height, the numbers in tooltips and in words.

    A small one, of which a table has hundreds, has one tooltip for all.
    """
    by_month = {entry.month: entry for entry in activity}
    commits = [by_month[name].commits if name in by_month else 0 for name in months]
    highest = max(commits, default=0)
    words = _in_words(months, commits)
    heights = [max(_LOWEST, _HEIGHT * number / highest) if number else _LOWEST for number in commits]
    drawn = _in_one(heights, commits, words) if is_small else Markup("")
    of_months = () if is_small else zip(months, commits, heights, strict=True)
    for place, (name, number, height) in enumerate(of_months):
        merged = by_month[name].pull_requests if name in by_month else 0
        title = f"{name}: {count(number, 'commit')}, {count(merged, 'pull request')}"
        drawn += Markup('<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}"{} rx="1"><title>{}</title></rect>').format(
            place * (_BAR + _GAP),
            _HEIGHT - height,
            _BAR,
            height,
            "" if number else Markup(' class="gg-zero"'),
            title,
        )
    return Markup(
        '<svg class="gg-bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(len(months) * (_BAR + _GAP) - _GAP, _HEIGHT, words, drawn)


def _in_one(heights: Sequence[float], commits: Sequence[int], words: str) -> Markup:
    """Return all bars as two shapes, those of months with commits and those without."""
    shapes = {True: "", False: ""}
    for place, (height, number) in enumerate(zip(heights, commits, strict=True)):
        shapes[number > 0] += f"M{place * (_BAR + _GAP)} {_HEIGHT}v-{height:.0f}h{_BAR}v{height:.0f}"
    return Markup('<title>{}</title><path d="{}"/><path class="gg-zero" d="{}"/>').format(
        words, shapes[True], shapes[False]
    )


def activity_in_words(activity: Sequence[MonthActivity], months: Sequence[str]) -> str:
    """Return what `activity_bars` shows, in a sentence."""
    by_month = {entry.month: entry.commits for entry in activity}
    return _in_words(months, [by_month.get(name, 0) for name in months])


def _in_words(names: Sequence[str], commits: Sequence[int]) -> str:
    total = sum(commits)
    if not total:
        return f"No commits in the last {count(len(names), 'month')}."
    most = max(range(len(names)), key=lambda place: commits[place])
    return (
        f"{count(total, 'commit')} in the last {count(len(names), 'month')}, most in {names[most]} ({commits[most]:,})."
    )


def main_language(languages: Sequence[LanguageShare]) -> str:
    """Return the language that a repository is written in, or `""`.

    It is the one of most files. Prose counts only where there is nothing else, and data (a Go project may hold more
    YAML than Go) only where code is less than a tenth: linguist and the forges leave both out.
    """
    ordered = sorted(languages, key=lambda one: (-one.files, one.name))
    total = sum(language.files for language in languages)
    code = next((one for one in ordered if one.name not in _PROSE | _DATA), None)
    if code is not None and code.files * _CODE >= total:
        return code.name
    return next((one.name for one in ordered if one.name not in _PROSE), ordered[0].name if ordered else "")


def language_bar(languages: Sequence[LanguageShare]) -> Markup:
    """Return the languages as one bar and a legend: share of files, the smallest ones together as "other"."""
    total = sum(language.files for language in languages)
    if not total:
        return Markup("")
    ordered = sorted(languages, key=lambda language: (-language.files, language.name))
    shown = [(language.name, language.files) for language in ordered[:_SERIES]]
    rest = total - sum(files for _, files in shown)
    if rest:
        shown.append(("Other", rest))
    segments, legend = [], []
    for place, (name, files) in enumerate(shown):
        share = 100 * files / total
        segments.append(Markup('<span class="gg-s{}" style="width:{:.2f}%"></span>').format(place, share))
        legend.append(
            Markup(
                '<li><span class="gg-dot gg-s{}"></span><bdi>{}</bdi> <span class="gg-muted">{:.1f}%</span></li>'
            ).format(place, name, share)
        )
    return Markup(
        '<div class="gg-languages"><div class="gg-stack" aria-hidden="true">{}</div><ul>{}</ul></div>'
    ).format(Markup("").join(segments), Markup("").join(legend))
