#include "cli/doctor.h"

#include "core/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX 1024

#define WW_CHECK(name, id, source) {id, source},
static const struct {
    const char *id;
    const char *source;
} checks[WW_CHECK_COUNT] = {
#include "cli/doctor_checks.h"
};
#undef WW_CHECK

const char *ww_check_id(enum ww_check check)
{
    return checks[check].id;
}

const char *ww_finding_name(enum ww_finding finding)
{
    static const char *const names[WW_FINDING_COUNT] = {"ok", "skip", "warn", "fail"};
    return names[finding];
}

/* What was read somewhere must be text before JSON takes it. */
static json_t *text_json(const char *text)
{
    char room[2 * TEXT_MAX];
    struct ww_buf b = ww_buf(room, sizeof room);
    ww_words_put_cut(&b, ww_slice_str(text));
    return json_stringn(b.p, b.n);
}

void ww_doctor_told(struct ww_doctor *d)
{
    char *line = d->pending != NULL ? json_dumps(d->pending, JSON_COMPACT) : NULL;
    json_decref(d->pending);
    d->pending = NULL;
    if (line == NULL)
        return;
    (void)dprintf(d->out, "%s\n", line);
    free(line);
}

void ww_doctor_tell(struct ww_doctor *d, enum ww_check check, enum ww_finding finding, const char *subject,
                    const char *format, ...)
{
    va_list ap;
    char seen[TEXT_MAX];
    va_start(ap, format);
    (void)vsnprintf(seen, sizeof seen, format, ap);
    va_end(ap);
    ww_doctor_told(d);
    d->pending =
        json_pack("{s:s, s:s, s:o, s:o, s:[], s:[], s:s}", "id", checks[check].id, "status",
                  ww_finding_name(finding), "subject", subject != NULL ? text_json(subject) : json_null(),
                  "seen", text_json(seen), "what_to_do", "commands", "source", checks[check].source);
}

void ww_doctor_advise(struct ww_doctor *d, const char *format, ...)
{
    va_list ap;
    char text[TEXT_MAX];
    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    (void)json_array_append_new(json_object_get(d->pending, "what_to_do"), text_json(text));
}

void ww_doctor_command(struct ww_doctor *d, const char *format, ...)
{
    va_list ap;
    char text[TEXT_MAX];
    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    (void)json_array_append_new(json_object_get(d->pending, "commands"), text_json(text));
}
