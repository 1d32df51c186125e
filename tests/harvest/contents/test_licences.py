"""Licences are recognised by phrases of their own, or not at all."""

from pathlib import Path

import pytest

from mkdocs_gitguard.harvest.contents.licences import find_licence, licence_of

BSD = (
    "Redistribution and use ... 1. Redistributions of source code must retain the above copyright notice, this list "
    "of conditions ... 2. Redistributions in binary form ..."
)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("Apache License\n   Version 2.0, January 2004\n http://www.apache.org/licenses/", "Apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL-3.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1, February 1999", "LGPL-2.1"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        (BSD, "BSD-2-Clause"),
        (BSD + " 3. Neither the name of the copyright holder", "BSD-3-Clause"),
        ("// SPDX-License-Identifier: Apache-2.0 OR MIT\n", "Apache-2.0 OR MIT"),
        ("All rights reserved. MIT is a university.", ""),
        ("", ""),
    ],
)
def test_licence(text: str, identifier: str) -> None:
    assert licence_of(text) == identifier


def test_our_own() -> None:
    assert licence_of((Path(__file__).parents[3] / "LICENSE").read_text()) == "MIT"


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (["LICENSE-MIT", "LICENSE", "src/LICENSE"], "LICENSE"),
        (["COPYING", "LICENCE.md"], "LICENCE.md"),
        (["license.txt"], "license.txt"),
        (["LICENSES/x", "licensed.py"], ""),
    ],
)
def test_which_file(paths: list[str], chosen: str) -> None:
    assert find_licence(paths) == chosen
