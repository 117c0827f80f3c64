#include "daemon/role.h"

#include <pwd.h>
#include <stdio.h>

bool ww_role_user(const struct ww_config *config, enum ww_role_kind kind, char user[WW_USER_SIZE])
{
    snprintf(user, WW_USER_SIZE, "waxwing-%s", ww_role_kind_name(kind));
    if (getpwnam(user) != NULL)
        return true;
    snprintf(user, WW_USER_SIZE, "%s", config->user);
    return getpwnam(user) != NULL;
}
