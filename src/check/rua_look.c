#include "check/looks.h"

struct ww_rua_look *ww_rua_look(const struct ww_check_env *env, const char *rua, struct ww_rua_sight *sight,
                                ww_look_done *done, void *ctx, enum ww_err *err)
{
    (void)env, (void)rua, (void)sight, (void)done, (void)ctx;
    *err = WW_OK;
    return NULL;
}

void ww_rua_look_cancel(struct ww_rua_look *look)
{
    (void)look;
}

void ww_rua_sight_clear(struct ww_rua_sight *sight)
{
    (void)sight;
}
