"""Who is told of alerts and releases, and how that went, for the commands that tell."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.slo.delivery import deliver
from mkdocs_gitguard.slo.notices import Notice, read_quiet_hours
from mkdocs_gitguard.slo.receivers import Receiver, receivers
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.told import Told


def receivers_of(site: RolloutSite) -> tuple[Receiver, ...]:
    """Return who is to be told.

    Raises:
        SettingError: nobody is.
    """
    everybody = receivers(site.settings.alert_webhook_url, site.settings.alert_notice_urls)
    if not everybody:
        raise SettingError("There is nobody to tell.", hint="Set ALERT_WEBHOOK_URL or ALERT_NOTICE_URLS.")
    return everybody


def tell_what_is_new(site: RolloutSite, notices: Callable[[Collection[str]], Iterable[Notice]], now: datetime) -> bool:
    """Tell everybody what they were not told yet, say how that went, and return whether all of it arrived.

    Raises:
        SettingError: there is nobody to tell, or the memory of it cannot be read or written.
    """
    memory = Told(site.state_folder / STATE_FILE, warn=warn)
    tried = deliver(receivers_of(site), notices, memory, read_quiet_hours(site.root), now=now)
    if tried is None:
        echo("These are quiet hours: what is due is told afterwards.", err=True)
        return True
    for receiver, title, error in tried:
        if error:
            warn(f"{receiver} could not be told {title!r}: {error}. It is tried again the next time.")
        else:
            echo(f"{receiver} was told: {title}", err=True)
    return not any(delivery.error for delivery in tried)
