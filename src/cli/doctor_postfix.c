#include "cli/doctor_postfix.h"

#include "cli/capture.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 10000

/* The last line of what a program has said. */
static const char *last_words(char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    const char *line = strrchr(text, '\n');
    return line != NULL ? line + 1 : text;
}

/* What one call of postconf prints; the caller frees it. NULL: it was told why there is none. */
static char *postconf(struct ww_doctor *d, const char *option)
{
    const char *const argv[] = {"postconf", option, NULL};
    char *text;
    enum ww_captured captured = ww_capture(argv, DEADLINE_MS, &text);
    if (captured == WW_CAPTURED)
        return text;
    if (captured == WW_CAPTURE_ABSENT) {
        ww_doctor_tell(d, WW_CHECK_POSTFIX, WW_FINDING_SKIP, NULL,
                       "there is no postconf here, so nothing is said of Postfix");
    } else {
        ww_doctor_tell(d, WW_CHECK_POSTFIX, WW_FINDING_FAIL, NULL, "postconf %s: %s", option,
                       captured == WW_CAPTURE_LATE ? "it does not end"
                                                   : (text != NULL ? last_words(text) : "out of memory"));
        ww_doctor_command(d, "postfix check");
    }
    free(text);
    return NULL;
}

static void choose_service(struct ww_doctor_postfix *p)
{
    struct ww_slice wanted = ww_postfix_main(&p->conf, "default_transport");
    const char *rest = p->conf.services;
    struct ww_postfix_service service;
    bool first = true;
    while (ww_postfix_next_service(&p->conf, "smtp", &rest, &service)) {
        if (first || ww_slice_eq(service.name, wanted))
            p->smtp = service;
        first = false;
    }
}

static void look(struct ww_doctor_postfix *p)
{
    struct ww_slice version = ww_postfix_main(&p->conf, "mail_version");
    struct ww_slice place = ww_postfix_main(&p->conf, "config_directory");
    p->version = ww_postfix_version(version);
    choose_service(p);
    if (p->version == 0 || p->smtp.name.n == 0) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX, WW_FINDING_FAIL, NULL, "%s",
                       p->version == 0 ? "postconf does not say which version of Postfix this is"
                                       : "no service in master.cf runs smtp, so no mail is sent");
        ww_doctor_command(p->d, "postfix check");
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX, WW_FINDING_OK, NULL, "Postfix %.*s, configured in %.*s",
                   WW_SLICE_ARGS(version), WW_SLICE_ARGS(place));
    ww_doctor_postfix_maps(p);
    ww_doctor_postfix_settings(p);
    if (ww_doctor_postfix_dane(p))
        ww_doctor_postfix_resolver(p);
}

void ww_doctor_postfix(struct ww_doctor *d)
{
    struct ww_doctor_postfix p = {.d = d};
    char *overrides = NULL;
    char *services = NULL;
    char *text = postconf(d, "-x");
    if (text != NULL)
        services = postconf(d, "-M");
    if (services != NULL)
        overrides = postconf(d, "-Px");
    if (overrides != NULL) {
        p.conf = (struct ww_postfix_conf){.main = text, .services = services, .overrides = overrides};
        look(&p);
        ww_doctor_told(d);
    }
    free(overrides);
    free(services);
    free(text);
}
