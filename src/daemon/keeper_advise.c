#include "daemon/keeper_advise.h"

void ww_keeper_advise_asked(struct ww_keeper_store *store, struct ww_asked *asked,
                            const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)store;
    (void)ask;
    ww_asked_fail(asked, ref, WW_E_CONTROL_COMMAND);
}
