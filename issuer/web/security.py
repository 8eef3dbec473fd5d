"""Accounts by Flask-Security-Too: passwords with argon2, generic answers, no registration, CSRF everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore, current_user, password_reset
from flask_security.recoverable import generate_reset_password_token
from flask_wtf import CSRFProtect
from sqlalchemy import func, select
from sqlalchemy.orm import Session, lazyload, scoped_session, sessionmaker
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from issuer.config import Config
from issuer.db import reading
from issuer.mail import Mailer
from issuer.models import Role, User
from issuer.runtime import Runtime
from issuer.services import invitations
from issuer.web import asking_passwords, first_passwords, guessing, known_browsers, resetting, sessions
from issuer.web.asking_passwords import ConfirmForm, NewPasswordForm, SignInForm
from issuer.web.background import Background
from issuer.web.first_passwords import ChoosePasswordForm
from issuer.web.passwords import MIN_LENGTH, Passwords

csrf = CSRFProtect()

#: The library's name for the mail that says that a password was reset.
_RESET_NOTICE = "security/email/reset_notice"

#: What Flask-Security says, as a person would say it.
_SENTENCES = {
    "GENERIC_AUTHN_FAILED": ("The e-mail address or the password is not right.", "error"),
    "UNAUTHENTICATED": ("Please sign in to see this page.", "info"),
    "REAUTHENTICATION_REQUIRED": ("Please type your password once more.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you. You can go on now.", "success"),
    "INVALID_PASSWORD": ("This is not your password.", "error"),
    "PASSWORD_NOT_PROVIDED": ("Please type a password.", "error"),
    "RETYPE_PASSWORD_MISMATCH": ("The two passwords are not the same.", "error"),
    "PASSWORD_IS_THE_SAME": ("This is your present password. Please choose another one.", "error"),
    "PASSWORD_CHANGE": ("Your password has been changed. You are signed in only here now.", "success"),
    "PASSWORD_RESET_NO_LOGIN": ("Your password has been saved. Please sign in with it.", "success"),
    "PASSWORD_RESET_EXPIRED": ("This link has expired. Type your address to get a new one.", "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (
        "This link does not work any more: it was used before, or a part is missing. Type your address for a new one.",
        "error",
    ),
    "INVALID_REDIRECT": ("That address is not one of ours.", "error"),
}


class Accounts(SQLAlchemySessionUserDatastore):
    """Looks people up in a session that only reads, and lets go of it: a page holds no lock while it is rendered.

    A changed password goes through the scoped session, which Flask-Security commits at the end of the request.
    """

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        super().__init__(scoped_session(sessions, scopefunc=_request), User, Role)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        attribute, value = kwargs.popitem()
        column = getattr(User, attribute)
        wanted = func.lower(column) == func.lower(value) if case_insensitive else column == value
        with reading(self._sessions) as session:
            user = session.scalar(select(User).where(wanted))
            session.expunge_all()
        return user

    def find_by_address(self, email: str) -> User | None:
        """A person without roles: looking for somebody who is there costs no more than for somebody who is not."""
        with reading(self._sessions) as session:
            return session.scalar(select(User).options(lazyload("*")).where(User.email == email))

    def forget(self, _error: BaseException | None = None) -> None:
        self.db.session.remove()


class PostOffice(MailUtil):
    """Hands Flask-Security's mails to our own mailer."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        if template == _RESET_NOTICE and first_passwords.is_first():
            return
        address = recipient if isinstance(recipient, str) else recipient[1]
        cast(Mailer, g.mailer).send(address, str(subject), str(body or ""))


def _request() -> int:
    return id(g._get_current_object())


def settings(config: Config) -> dict[str, Any]:
    """Flask's and Flask-Security's settings, from ours."""
    cookie = {"SECURE": config.secure, "HTTPONLY": True, "SAMESITE": "Lax"}
    return {
        "SECRET_KEY": config.secret_key,
        **{f"SESSION_COOKIE_{name}": value for name, value in cookie.items()},
        **{f"REMEMBER_COOKIE_{name}": value for name, value in cookie.items()},
        # Without the prefix `__Host-`: Flask-Login takes the cookie away in a form that browsers ignore for such names.
        "REMEMBER_COOKIE_NAME": "badgewright-stay",
        "REMEMBER_COOKIE_DURATION": timedelta(days=config.session_days),
        "SESSION_COOKIE_NAME": "__Host-badgewright" if config.secure else "badgewright",
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        # A teacher may write for hours before saving: the token lives as long as the session.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": config.secure,
        "SECURITY_CACHE_CONTROL": {"private": None, "no-cache": None},
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # argon2 salts and stretches by itself; without the second layer any part of the service can make a hash.
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_SALT": config.secret_key,
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_LENGTH,
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_RESET_URL": "/reset-password",
        "SECURITY_CHANGE_URL": "/account/password",
        # Flask-Security's own page of that name confirms a password; ours verifies badges.
        "SECURITY_VERIFY_URL": "/account/confirm",
        "SECURITY_POST_VERIFY_VIEW": "/account",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/home",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_RESET_VIEW": "/sign-in",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        **{f"SECURITY_MSG_{name}": sentence for name, sentence in _SENTENCES.items()},
        "SECURITY_EMAIL_SENDER": config.mail_from,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE": "Your password was reset",
        "SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE": "Your password was changed",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_STATIC_FOLDER_URL": "/account/static",
    }


def install(app: Flask, runtime: Runtime) -> None:
    """Sign-in, sign-out, change and reset of passwords, and CSRF protection of every form."""
    app.config.update(settings(runtime.config))
    app.before_request(sessions.recognise)
    app.before_request(_leave_out_next_that_is_none)
    csrf.init_app(app)
    accounts = Accounts(runtime.sessions)
    background = Background()
    mailer = Mailer(runtime.config, background.start)

    @app.before_request
    def _hand_out() -> None:
        g.mailer = mailer

    @app.after_request
    def _keep_private(answer: Response) -> Response:
        """A page made for one person is kept by nobody else but their own browser: going back loses nothing."""
        # Asked last: it looks the session up in the database, and what is static has a header of its own.
        if "Cache-Control" not in answer.headers and current_user.is_authenticated:
            answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    library = Security(
        app,
        accounts,
        mail_util_cls=PostOffice,
        password_util_cls=Passwords,
        login_form=SignInForm,
        verify_form=ConfirmForm,
        change_password_form=NewPasswordForm,
        reset_password_form=ChoosePasswordForm,
    )
    # Nobody's rights are asked for by a style sheet.
    library.principal.skip_static = True
    # Nobody signs in by a token in an address or a body; the search for one would parse every stranger's JSON.
    app.login_manager._request_callback = None  # type: ignore[attr-defined]  # set by Flask-Login
    guessing.install(app, runtime.config)
    asking_passwords.install(app)
    sessions.install(app, runtime, accounts)
    known_browsers.install(app, runtime)
    first_passwords.install(app, library)
    resetting.install(app, runtime, mailer, background)
    app.teardown_appcontext(accounts.forget)
    password_reset.connect(_accept_invitation, app)
    # The API writes the same mails and does not know the pages.
    app.extensions["badgewright_password_link"] = password_link


def _leave_out_next_that_is_none() -> None:
    """An address to go on to that cannot even be taken apart counts as none; Flask-Security would fail on it."""
    if request.blueprint != "security":
        return
    if not _is_readable(request.args):
        request.args = _without_next(request.args)
    if not _is_readable(request.form):
        request.form = _without_next(request.form)


def _is_readable(values: MultiDict[str, str]) -> bool:
    try:
        for address in values.getlist("next"):
            urlsplit(address)
            urlsplit(address.replace("\\", "/"))
    except ValueError:
        return False
    return True


def _without_next(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict([(name, value) for name, value in values.items(multi=True) if name != "next"])


def password_link(user: User) -> str:
    """The address at which this person chooses a password, without knowing the one before."""
    token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    runtime = cast(Runtime, current_app.extensions["badgewright"])
    return runtime.addresses.new_password(token)


def _accept_invitation(app: Flask, user: User, **_more: Any) -> None:
    """In the session in which Flask-Security has put the new password: one transaction for both."""
    session = app.extensions["security"].datastore.db.session
    runtime = cast(Runtime, app.extensions["badgewright"])
    invitations.accept_by_first_password(session, user=user, now=runtime.clock())
