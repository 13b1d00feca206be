"""Branches and their classic protection over the REST API."""

from urllib.parse import quote

from msgspec import Struct

from mergegate.errors import ForgeError
from mergegate.forge.names import check_branch
from mergegate.forge.payloads import Account, Name
from mergegate.forge.routes import Routes


class Switch(Struct, frozen=True):
    """A setting that is on or off."""

    enabled: bool = False


class ProtectedCheck(Struct, frozen=True):
    """A required status; `app_id` is null, or -1, where any App's will do."""

    context: Name
    app_id: int | None = None


class ProtectedChecks(Struct, frozen=True):
    """The required statuses; `contexts` are those that older servers tell without an App."""

    strict: bool = False
    contexts: tuple[Name, ...] = ()
    checks: tuple[ProtectedCheck, ...] = ()
    enforcement_level: Name = ""


class Named(Struct, frozen=True):
    """A team or an App."""

    slug: Name


class Allowances(Struct, frozen=True):
    """Who needs no pull request."""

    users: tuple[Account, ...] = ()
    teams: tuple[Named, ...] = ()
    apps: tuple[Named, ...] = ()


class ProtectedReviews(Struct, frozen=True):
    """What a pull request needs."""

    required_approving_review_count: int = 0
    require_code_owner_reviews: bool = False
    dismiss_stale_reviews: bool = False
    require_last_push_approval: bool = False
    bypass_pull_request_allowances: Allowances | None = None


class Protection(Struct, frozen=True):
    """The whole of a branch's classic protection, as administrators see it."""

    required_status_checks: ProtectedChecks | None = None
    enforce_admins: Switch | None = None
    required_pull_request_reviews: ProtectedReviews | None = None
    allow_force_pushes: Switch | None = None
    allow_deletions: Switch | None = None


class ProtectionSummary(Struct, frozen=True):
    """What everybody who may read sees of it."""

    enabled: bool = False
    required_status_checks: ProtectedChecks | None = None


class BranchState(Struct, frozen=True):
    """A branch; `protected` also where a ruleset binds it, `protection` is the classic one's."""

    name: Name
    protected: bool = False
    protection: ProtectionSummary | None = None


class _Ref(Struct, frozen=True):
    ref: Name


class Protections(Routes):
    """Reads what protects branches."""

    def branch_state(self, name: str) -> BranchState | None:
        """A branch; None where there is none. Raises ForgeError."""
        try:
            return self._rest.get(f"{self._at}/branches/{_quoted(name)}", BranchState)
        except ForgeError as error:
            if error.status == 404:
                return None
            raise

    def protection(self, name: str) -> Protection:
        """The classic protection of a branch. Raises ForgeError, 404 also to whom may not see it."""
        return self._rest.get(f"{self._at}/branches/{_quoted(name)}/protection", Protection)

    def branches_like(self, start: str) -> tuple[str, ...]:
        """The names of the branches that begin so. Raises ForgeError."""
        path = f"{self._at}/git/matching-refs/heads/{quote(start, safe='/')}"
        pages = self._rest.pages(path, list[_Ref])
        return tuple(one.ref.removeprefix("refs/heads/") for page in pages for one in page)


def _quoted(name: str) -> str:
    return quote(check_branch(name), safe="")
