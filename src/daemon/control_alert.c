#include "daemon/control.h"
#include "daemon/herald_send.h"
#include "proc/msg_herald.h"

#include <stdlib.h>

/* The herald's own deadline is shorter, even where it has to wait for a test that is under way. */
#define TEST_MS (2 * (WW_HERALD_SEND_MS + 40000u))

struct test {
    struct ww_asking *asking;
    struct ww_request *request;
};

static json_t *target_json(const struct ww_config *config, enum ww_herald_channel channel)
{
    json_t *to = json_array();
    if (channel == WW_HERALD_COMMAND)
        (void)json_array_append_new(to, json_string(config->alert_command));
    for (size_t i = 0; channel == WW_HERALD_MAIL && i < config->alert_mail_to_count; i++)
        (void)json_array_append_new(to, json_string(config->alert_mail_to[i]));
    return to; /* where a webhook is may be a secret */
}

static json_t *channel_json(const struct ww_config *config, enum ww_herald_channel channel, bool delivered,
                            const char *detail)
{
    return json_pack("{s:s, s:o, s:b, s:s?}", "channel", ww_herald_channel_name(channel), "to",
                     target_json(config, channel), "delivered", delivered, "detail",
                     detail[0] != '\0' ? detail : NULL);
}

static void on_told(void *ctx, const struct ww_msg_told *told)
{
    struct test *t = ctx;
    struct ww_request *request = t->request;
    const struct ww_config *config = ww_request_control(request)->env->config;
    struct ww_msg_alert_test m;
    t->asking = NULL;
    enum ww_err err = told->err == WW_OK ? ww_msg_get_alert_test(told->payload, &m) : told->err;
    unsigned channels = ww_herald_channels_of(config);
    for (unsigned i = 0; err == WW_OK && i < WW_HERALD_CHANNELS; i++) {
        if ((channels & WW_HERALD_BIT(i)) != 0 && m.channels[i].open)
            ww_request_item(request, channel_json(config, (enum ww_herald_channel)i, m.channels[i].delivered,
                                                  m.channels[i].detail));
    }
    ww_request_end(request, err, NULL);
}

static void release(void *state)
{
    struct test *t = state;
    if (t->asking != NULL)
        ww_asking_cancel(t->asking);
    free(t);
}

void ww_control_alert_test(struct ww_request *request)
{
    const struct ww_control *control = ww_request_control(request);
    if (ww_herald_channels_of(control->env->config) == 0) {
        ww_request_end(request, WW_E_ALERT_OFF,
                       "set alert.mail_to, alert.webhook or alert.command in waxwing.conf");
        return;
    }
    struct test *t = calloc(1, sizeof *t);
    if (t == NULL) {
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
        return;
    }
    t->request = request;
    ww_request_keep(request, t, release);
    t->asking = ww_roles_ask(control->roles, WW_ROLE_HERALD, 0, WW_ASK_ALERT_TEST, ww_slice(NULL, 0), TEST_MS,
                             on_told, t);
    if (t->asking == NULL)
        ww_request_end(request, WW_E_NO_MEMORY, NULL);
}
