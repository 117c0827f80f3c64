#include "report/received_names.h"

#include "base/ascii.h"
#include "core/utf8.h"

#include <stdbool.h>
#include <stdio.h>

/* Octets of a subject or file name that are read. */
#define SAID_MAX 2048

struct names {
    char about[WW_DNAME_SIZE];
    char submitter[WW_DNAME_SIZE];
};

static bool ends(struct ww_slice s, const char *lower)
{
    size_t n = strlen(lower);
    return s.n >= n && ww_is_nocase(ww_slice(s.p + s.n - n, n), lower);
}

bool ww_received_is_file_name(struct ww_slice name)
{
    return ends(name, ".json.gz") || ends(name, ".json");
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && (ww_is_wsp(s.p[0]) || s.p[0] == '\r' || s.p[0] == '\n'))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && (ww_is_wsp(s.p[s.n - 1]) || s.p[s.n - 1] == '\r' || s.p[s.n - 1] == '\n'))
        s.n--;
    return s;
}

static struct ww_slice slice_of(const char *text)
{
    return text != NULL ? ww_slice(text, strnlen(text, SAID_MAX)) : ww_slice("", 0);
}

static bool canon(struct ww_slice s, char out[WW_DNAME_SIZE])
{
    s = trim(s);
    bool good = ww_dname_canon(s.p, s.n, out) == WW_OK;
    if (!good)
        out[0] = '\0';
    return good;
}

/* ---- Subject ---- */

/* Where a label stands, or NULL. */
static const char *find(struct ww_slice text, const char *label)
{
    for (size_t i = 0; i < text.n; i++)
        if (ww_starts_nocase(ww_slice(text.p + i, text.n - i), label))
            return text.p + i;
    return NULL;
}

/* The word behind a label. */
static struct ww_slice word_behind(struct ww_slice text, const char *label)
{
    const char *at = find(text, label);
    if (at == NULL)
        return ww_slice("", 0);
    at += strlen(label);
    struct ww_slice rest = trim(ww_slice(at, (size_t)(text.p + text.n - at)));
    size_t n = 0;
    while (n < rest.n && !ww_is_wsp(rest.p[n]) && rest.p[n] != '\r' && rest.p[n] != '\n')
        n++;
    return ww_slice(rest.p, n);
}

/* False: it is not as section 5.3 says. */
static bool read_subject(struct ww_slice subject, struct names *names, char id[WW_RECEIVED_NAME_MAX + 1])
{
    struct ww_slice word = word_behind(subject, "report-id:");
    bool bracketed = word.n > 2 && word.p[0] == '<' && word.p[word.n - 1] == '>';
    bool good = canon(word_behind(subject, "report domain:"), names->about);
    good = canon(word_behind(subject, "submitter:"), names->submitter) && good;
    if (word.n > 0 && word.p[0] == '<')
        word = ww_slice(word.p + 1, word.n - 1);
    if (word.n > 0 && word.p[word.n - 1] == '>')
        word.n--;
    id[ww_utf8_clean(word.p, word.n, id, WW_RECEIVED_NAME_MAX)] = '\0';
    return good && bracketed && ww_starts_nocase(subject, "report domain:");
}

/* ---- File name ---- */

static bool is_number(struct ww_slice s)
{
    bool good = s.n > 0;
    for (size_t i = 0; good && i < s.n; i++)
        good = ww_is_digit(s.p[i]);
    return good;
}

/* False: it is not as section 5.1 says. */
static bool read_file_name(struct ww_slice name, struct names *names)
{
    struct ww_slice parts[6];
    size_t count = 0;
    if (!ww_received_is_file_name(name))
        return false;
    name.n -= ends(name, ".gz") ? strlen(".json.gz") : strlen(".json");
    while (count < 6) {
        const char *mark = memchr(name.p, '!', name.n);
        size_t n = mark != NULL ? (size_t)(mark - name.p) : name.n;
        parts[count++] = ww_slice(name.p, n);
        if (mark == NULL)
            break;
        name = ww_slice(mark + 1, name.n - n - 1);
    }
    if (count < 4 || count > 5 || !is_number(parts[2]) || !is_number(parts[3]))
        return false;
    bool good = canon(parts[0], names->submitter);
    return canon(parts[1], names->about) && good;
}

/* ---- All of them ---- */

/* The first that is there; whether another one says otherwise. */
static bool choose(const char *header, const char *subject, const char *file, char out[WW_DNAME_SIZE])
{
    const char *all[] = {header, subject, file};
    bool differ = false;
    out[0] = '\0';
    for (size_t i = 0; i < 3; i++) {
        if (all[i][0] == '\0')
            continue;
        differ = differ || (out[0] != '\0' && strcmp(out, all[i]) != 0);
        if (out[0] == '\0')
            (void)snprintf(out, WW_DNAME_SIZE, "%s", all[i]);
    }
    return differ;
}

void ww_received_names(const struct ww_received_said *said, struct ww_received_mail *out,
                       struct ww_deviations *deviations)
{
    struct names header, subject = {.about = ""}, file = {.about = ""};
    if (!canon(slice_of(said->domain), header.about))
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_DOMAIN, WW_SEVERITY_WARNING, "TLS-Report-Domain");
    if (!canon(slice_of(said->submitter), header.submitter))
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_SUBMITTER, WW_SEVERITY_WARNING,
                          "TLS-Report-Submitter");
    if (!read_subject(slice_of(said->subject), &subject, out->subject_id))
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_SUBJECT, WW_SEVERITY_WARNING, "Subject");
    if (!read_file_name(slice_of(said->file_name), &file))
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_FILE_NAME, WW_SEVERITY_WARNING, "Content-Disposition");
    bool about = choose(header.about, subject.about, file.about, out->about);
    bool submitter = choose(header.submitter, subject.submitter, file.submitter, out->submitter);
    if (about)
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_DIFFERS, WW_SEVERITY_WARNING, "TLS-Report-Domain");
    if (submitter)
        ww_deviations_add(deviations, WW_E_REPORT_MAIL_DIFFERS, WW_SEVERITY_WARNING, "TLS-Report-Submitter");
}
