#include "daemon/post.h"

#include "daemon/job.h"

struct ww_https *ww_post_open(struct event_base *base, const struct ww_config *config, bool here,
                              unsigned deadline_ms, char *detail, size_t size)
{
    const char *why = "out of memory";
    const struct ww_https_options options = {
        .ca_file = config->fetch_ca_file,
        .sources = config->fetch_sources,
        .source_count = here ? 0 : config->fetch_source_count,
        .deadline_ms = deadline_ms,
    };
    struct ww_https *https = ww_https_new(base, &options, &why);
    if (https == NULL)
        ww_job_say(detail, size, "%s", why);
    return https;
}

void ww_post_say(char *out, size_t size, const char *host, const struct ww_https_reply *reply)
{
    const char *detail = reply->detail != NULL ? reply->detail : "";
    if (reply->err != WW_OK)
        ww_job_say(out, size, "%s: %s%s%s", host, ww_err_id(reply->err), detail[0] != '\0' ? ": " : "",
                   detail);
    else
        ww_job_say(out, size, "%s answers with status %u%s", host, reply->status,
                   reply->status >= 300 && reply->status < 400 ? ", and redirects are not followed" : "");
}

void ww_post_say_addresses(char *out, size_t size, const char *host, const struct ww_addresses_reply *reply,
                           const char *setting)
{
    const char *detail = reply->detail != NULL ? reply->detail : "";
    bool refused = reply->err == WW_E_FETCH_ADDRESS_REFUSED;
    ww_job_say(out, size, "%s: %s%s%s%s%s%s", host, ww_err_id(reply->err), detail[0] != '\0' ? ": " : "",
               detail, refused ? " (see " : "", refused ? setting : "", refused ? ")" : "");
}
