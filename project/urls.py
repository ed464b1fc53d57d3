"""The root URL configuration. Each app has its own `urls` module."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from project.accounts import account_settings, api_tokens
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
    path(
        "accounts/password/", account_settings.ChangePasswordView.as_view(), name="change_password"
    ),
    path("me/settings/", account_settings.page, name="personal_settings"),
    path("me/tokens/", api_tokens.page, name="api_tokens"),
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
    path("admin/", admin.site.urls),
]
