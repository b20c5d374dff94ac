"""The screens of people in each of their states; no store is asked."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from services.dashboard.models.audit import AuditAsk, AuditPage, audit_rows
from services.dashboard.models.people import (
    AccountPage,
    Invited,
    InviteForm,
    JoinPage,
    PeopleAsk,
    PeoplePage,
    people_page,
)
from services.wiring import Action, AuditLine, Invitation, Login, Member, Role
from tests.services.dashboard.samples import NOW, PAST, frame

AT = datetime(2026, 2, 19, 9, 10, tzinfo=UTC)
MIRA = UUID(int=1)
MISTYPED = {"from": "“soon” is not a date; write 18 Mar 2025, Mar 2025 or 2025."}


def _member(number: int, name: str, role: Role, **changes: object) -> Member:
    plain = Member(
        id=UUID(int=number),
        email=f"{name.split()[0].lower()}@example.org",
        name=name,
        role=role,
        created_at=AT - timedelta(days=90 * number),
        seen_at=AT - timedelta(hours=5 * number),
        disabled_at=None,
        logins=number % 3,
    )
    return msgspec.structs.replace(plain, **changes)


MEMBERS = (
    _member(1, "Mira Okafor", "admin"),
    _member(2, "Jonas Lehtinen", "reviewer"),
    _member(3, "Ana Sofía Restrepo Villanueva-Castellanos", "contributor"),
    _member(4, "Ту Нгуен", "viewer", seen_at=None),
    _member(5, "Pia Former", "reviewer", disabled_at=AT, logins=0),
)
INVITATION = Invitation(
    id=UUID(int=9),
    workspace="demo",
    email="new.colleague@campaign.example.org",
    role="contributor",
    invited_by=f"person:{MIRA}",
    created_at=AT,
    expires_at=AT + timedelta(hours=72),
)


def people(
    ask: PeopleAsk | None = None,
    *,
    form: InviteForm | None = None,
    invited: bool = False,
    **told: str,
) -> PeoplePage:
    """The list of people."""
    link = f"https://desk.example.org/join?invitation=demo.{'x' * 43}"
    shown = Invited(link=link, email=INVITATION.email, expires_at=INVITATION.expires_at)
    return people_page(
        frame("People", "/people"),
        MEMBERS,
        (INVITATION,),
        by=f"person:{MIRA}",
        ask=ask or PeopleAsk(),
        form=form,
        invited=shown if invited else None,
        **told,  # type: ignore[arg-type]  # by name
    )


def account(*, machine: bool = False, past: bool = False, **told: str) -> AccountPage:
    """One's own account."""
    logins = tuple(
        Login(
            id=UUID(int=number),
            device=device,
            place=place,
            created_at=AT - timedelta(hours=number * 3),
            seen_at=AT - timedelta(hours=number),
            expires_at=AT + timedelta(hours=12 - number),
            is_current=number == 0,
        )
        for number, (device, place) in enumerate(
            (("Firefox on Linux", "network 203.0.0.0/16"), ("Safari on iPhone", ""))
        )
    )
    return AccountPage(
        frame=frame("Your account", "/account", reading=PAST if past else NOW),
        name="Mira Okafor",
        role="reviewer" if machine else "admin",
        email="" if machine else "mira@example.org",
        logins=None if machine else logins,
        is_admin=not machine,
        past=past,
        **told,
    )


def joining(**changes: str) -> JoinPage:
    """The form of somebody who was invited."""
    plain = JoinPage(
        csrf_token="token",
        secret=f"demo.{'x' * 43}",
        workspace="demo",
        email=INVITATION.email,
        role="contributor",
    )
    return msgspec.structs.replace(plain, **changes)


def audited(ask: AuditAsk | None = None, *, rows: bool = True, past: bool = False) -> AuditPage:
    """The audit list."""
    names = {f"person:{m.id}": m.name for m in MEMBERS}
    jonas, gone = f"person:{MEMBERS[1].id}", f"person:{UUID(int=99)}"
    told: tuple[tuple[Action, str, str, str], ...] = (
        ("exported", jonas, "/claims", "format=csv&status=pending"),
        (
            "decided",
            jonas,
            "claim:pol-2025-withdrawal-deposited",
            "claim_accepted.v1 at position 9",
        ),
        ("claim_opened", gone, "claim:ltu-2025-exit-date-misreport", ""),
        ("role_changed", f"person:{MIRA}", jonas, "from contributor to reviewer"),
        ("login_refused", "", "", "Firefox on Linux, network 203.0.0.0/16"),
        ("token_created", "program", f"token:{UUID(int=7)}", "viewer"),
        ("log_read", f"token:{UUID(int=7)}", "/api/v1/events", ""),
    )
    lines = [
        AuditLine(
            action=action,
            by=by,
            subject=subject,
            detail=detail,
            at=AT - timedelta(minutes=7 * number),
        )
        for number, (action, by, subject, detail) in enumerate(told)
    ]
    return AuditPage(
        frame=frame("Audit list", "/audit", reading=PAST if past else NOW),
        rows=audit_rows(lines if rows else (), names),
        people=tuple(names.items()),
        ask=ask or AuditAsk(),
        following="next" if rows else "",
        past=past,
    )


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every screen of people in every state."""
    nobody = people_page(
        frame("People", "/people", reading=PAST),
        (),
        (),
        by="token:1",
        ask=PeopleAsk(),
        past=True,
    )
    taken = InviteForm(email="jonas@example.org", refusal="Somebody with that e-mail is here.")
    return {
        "people": people(),
        "people-invited": people(invited=True),
        "people-refused": people(form=taken),
        "people-done": people(done="role"),
        "people-last-admin": people(refusal="Mira Okafor is the last admin of this workspace."),
        "people-filtered": people(PeopleAsk(q="nobody", role="viewer")),
        "people-empty": nobody,
        "audit": audited(),
        "audit-filtered": audited(
            AuditAsk(group="exports", from_typed="soon", errors=MISTYPED), rows=False
        ),
        "audit-empty": audited(rows=False),
        "audit-past": audited(AuditAsk(order="oldest"), past=True),
        "account": account(),
        "account-refused": account(refusal="The present password is not right.", wrong="present"),
        "account-done": account(done="password"),
        "account-machine": account(machine=True),
        "account-past": account(past=True),
        "join": joining(),
        "join-refused": joining(error="A password has 10 to 1000 characters."),
        "join-over": joining(secret="", error="This invitation was used or is too old."),
    }
