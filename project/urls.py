"""The root URL configuration. Each app has its own `urls` module."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView, PasswordResetDoneView
from django.urls import include, path
from django.views.generic import RedirectView

from project.accounts import account_settings, api_tokens, passwords, sign_in_pages
from project.accounts.lockout import shows_lockout
from project.accounts.sign_in import SignInView
from project.web import home
from realtime.http.rate_limits import is_post, rate_limited

handler400 = "project.web.error_views.bad_request"
handler500 = "project.web.error_views.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/login/", SignInView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", passwords.ChangePasswordView.as_view(), name="change_password"),
    path("accounts/password/lost/", passwords.LostPasswordView.as_view(), name="password_reset"),
    path(
        "accounts/password/lost/sent/",
        PasswordResetDoneView.as_view(template_name="registration/lost_password_sent.html"),
        name="password_reset_done",
    ),
    path(
        "accounts/password/new/<uidb64>/<token>/",
        passwords.NewPasswordView.as_view(),
        name="password_reset_confirm",
    ),
    path("accounts/confirm/", passwords.confirm, name="confirm_password"),
    path("me/settings/", account_settings.page, name="personal_settings"),
    path("me/tokens/", api_tokens.page, name="api_tokens"),
    path("me/sign-ins/", sign_in_pages.page, name="sign_ins"),
    path("i18n/setlang/", home.set_language, name="set_language"),
    path("", include("interview.urls")),
    path("", include("jobs.urls")),
    path("", include("project.api_urls")),
    path("", include("realtime.urls")),
    path("", include("monitoring.urls")),
    path(
        "admin/login/",
        rate_limited("sign_in", when=is_post)(shows_lockout(admin.site.login)),
        name="admin_login",
    ),
    # The admin's own form would end no tokens and is not limited.
    path("admin/password_change/", RedirectView.as_view(pattern_name="change_password")),
    # The admin's sign-in page links to it if there is a URL of this name.
    path(
        "admin/password_reset/",
        RedirectView.as_view(pattern_name="password_reset"),
        name="admin_password_reset",
    ),
    path("admin/", admin.site.urls),
]
