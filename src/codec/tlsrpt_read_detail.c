#include "base/ascii.h"
#include "codec/tlsrpt_read_private.h"
#include "core/addr.h"
#include "core/tlsrpt_result.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void take_type(struct ww_tlsrpt_reading *r, json_t *value)
{
    bool known = false;
    r->detail->type = ww_tlsrpt_word(r, value);
    for (int i = WW_RESULT_NONE + 1; i < WW_RESULT_TYPES; i++)
        known = known || ww_slice_is(r->detail->type, ww_result_type_name((enum ww_result_type)i));
    if (!known && r->detail->type.n > 0)
        ww_tlsrpt_warn(r, WW_E_REPORT_RESULT_UNKNOWN);
}

static struct ww_slice take_address(struct ww_tlsrpt_reading *r, const json_t *value)
{
    struct ww_addr addr;
    struct ww_slice text = ww_tlsrpt_text(r, value, WW_RECEIVED_TEXT_MAX);
    if (text.n > 0 && ww_addr_parse(text, &addr) != WW_OK)
        ww_tlsrpt_info(r, WW_E_REPORT_ADDRESS);
    return text;
}

static void take_sending_ip(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->detail->sending_ip = take_address(r, value);
}

static void take_receiving_ip(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->detail->receiving_ip = take_address(r, value);
}

/* One that is no name is kept in lower case, too: it is what failures are counted by. */
static void take_receiving_mx(struct ww_tlsrpt_reading *r, json_t *value)
{
    char name[WW_DNAME_SIZE];
    struct ww_slice text = ww_tlsrpt_text(r, value, WW_RECEIVED_TEXT_MAX);
    char *p = r->text.p + r->text.n - text.n;
    if (text.n > 0 && ww_dname_canon(text.p, text.n, name) != WW_OK)
        ww_tlsrpt_info(r, WW_E_REPORT_MX_NAME);
    for (size_t i = 0; i < text.n; i++)
        p[i] = ww_lower(p[i]);
    r->text.n -= text.n > 0 && p[text.n - 1] == '.';
    r->detail->receiving_mx = ww_slice(p, (size_t)(r->text.p + r->text.n - p));
}

static void take_helo(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->detail->helo = ww_tlsrpt_text(r, value, WW_RECEIVED_TEXT_MAX);
}

/* Under whichever of its names it comes first. */
static void take_info(struct ww_tlsrpt_reading *r, json_t *value)
{
    if (r->detail->info.n == 0)
        r->detail->info = ww_tlsrpt_text(r, value, WW_RECEIVED_TEXT_MAX);
}

static void take_info_uri(struct ww_tlsrpt_reading *r, json_t *value)
{
    ww_tlsrpt_info(r, WW_E_REPORT_INFO_URI);
    take_info(r, value);
}

static void take_reason(struct ww_tlsrpt_reading *r, json_t *value)
{
    struct ww_slice text = r->detail->reason = ww_tlsrpt_text(r, value, WW_RECEIVED_TEXT_MAX);
    if (text.n > 0 && memchr(text.p, ' ', text.n) != NULL)
        ww_tlsrpt_info(r, WW_E_REPORT_REASON_TEXT);
}

static void take_detail(struct ww_tlsrpt_reading *r, json_t *value)
{
    static const struct ww_tlsrpt_field fields[] = {
        {"result-type", take_type},
        {"sending-mta-ip", take_sending_ip},
        {"receiving-mx-hostname", take_receiving_mx},
        {"receiving-mx-helo", take_helo},
        {"receiving-ip", take_receiving_ip},
        {"failed-session-count", NULL},
        {"additional-information", take_info},
        {"additional-info-uri", take_info_uri},
        {"failure-reason-code", take_reason},
    };
    if (!json_is_object(value)) {
        ww_tlsrpt_warn(r, WW_E_REPORT_DETAIL_TYPE);
        return;
    }
    r->detail = &r->details[r->detail_count++];
    r->policy->detail_count++;
    *r->detail = (struct ww_received_detail){.sessions = 0};
    unsigned seen = ww_tlsrpt_take(r, value, fields, COUNT(fields));
    if ((seen & 1) == 0 || r->detail->type.n == 0)
        ww_tlsrpt_missing(r, fields[0].key, WW_E_REPORT_RESULT_MISSING, WW_SEVERITY_WARNING);
    r->detail->sessions = ww_tlsrpt_count(r, value, "failed-session-count");
    ww_tlsrpt_enter(r, "failed-session-count");
    ww_tlsrpt_add(r, &r->detail_sessions, r->detail->sessions);
    ww_tlsrpt_leave(r);
}

void ww_tlsrpt_details(struct ww_tlsrpt_reading *r, json_t *list)
{
    if (json_is_null(list))
        ww_tlsrpt_info(r, WW_E_REPORT_LIST_NULL);
    else if (json_is_object(list))
        ww_tlsrpt_warn(r, WW_E_REPORT_LIST_OBJECT);
    else if (!json_is_array(list))
        ww_tlsrpt_warn(r, WW_E_REPORT_LIST_TYPE);
    size_t count = ww_tlsrpt_list_size(list);
    for (size_t i = 0; i < count && r->detail_count < WW_RECEIVED_DETAILS_MAX; i++) {
        ww_tlsrpt_enter_at(r, i);
        take_detail(r, ww_tlsrpt_list_at(list, i));
        ww_tlsrpt_leave(r);
    }
}
