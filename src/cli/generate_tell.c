/* What was generated: printed, as JSON, or in files. */
#include "cli/cli.h"
#include "cli/generate.h"
#include "cli/replace.h"
#include "cli/show.h"
#include "cli/subcommands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool end(struct ww_buf *b)
{
    if (b->failed || b->n == b->cap)
        return false;
    b->p[b->n] = '\0';
    return true;
}

static void put_zone(struct ww_buf *b, struct ww_generated *out)
{
    const struct ww_publication *p = &out->publication;
    if (p->rua_count > 0)
        ww_publication_put_txt(b, "_smtp._tls", p, ww_slice_str(out->tlsrpt));
    ww_buf_str(b, "; mta-sts.");
    ww_buf_str(b, p->domain);
    ww_buf_str(b, ". needs A and AAAA records of your web server, or a CNAME; then, last:\n");
    ww_publication_put_txt(b, "_mta-sts", p, ww_slice_str(out->record));
}

bool ww_generate_make(const struct ww_generate *g, struct ww_generated *out, const char **why)
{
    struct ww_publication *p = &out->publication;
    *p = (struct ww_publication){.domain = g->domain,
                                 .mode = g->mode,
                                 .max_age = g->max_age,
                                 .mx = g->mx,
                                 .mx_count = g->mx_count,
                                 .id = g->id,
                                 .rua = g->rua,
                                 .rua_count = g->rua_count,
                                 .ttl = 3600};
    enum ww_err err = ww_publication_check(p, out->policy);
    *why = ww_err_message(err);
    if (err != WW_OK)
        return false;
    struct ww_buf policy = ww_buf(out->policy, sizeof out->policy),
                  record = ww_buf(out->record, sizeof out->record),
                  tlsrpt = ww_buf(out->tlsrpt, sizeof out->tlsrpt),
                  zone = ww_buf(out->zone, sizeof out->zone), nginx = ww_buf(out->nginx, sizeof out->nginx),
                  caddy = ww_buf(out->caddy, sizeof out->caddy),
                  apache = ww_buf(out->apache, sizeof out->apache),
                  steps = ww_buf(out->steps, sizeof out->steps);
    ww_publication_put_policy(&policy, p);
    out->policy_n = policy.n;
    ww_publication_put_record(&record, p);
    if (p->rua_count > 0)
        ww_publication_put_tlsrpt(&tlsrpt, p);
    *why = ww_err_message(WW_E_TOO_LONG);
    if (!end(&policy) || !end(&record) || !end(&tlsrpt))
        return false;
    put_zone(&zone, out);
    ww_generate_put_nginx(&nginx, g);
    ww_generate_put_caddy(&caddy, g);
    ww_generate_put_apache(&apache, g);
    ww_generate_put_steps(&steps, g);
    return end(&zone) && end(&nginx) && end(&caddy) && end(&apache) && end(&steps);
}

static void print_heading(const char *text)
{
    if (ww_show_has_colour(stdout))
        (void)printf("\033[1m%s\033[0m\n", text);
    else
        (void)printf("%s\n", text);
}

static void print_section(const char *heading, const char *text)
{
    print_heading(heading);
    for (const char *p = text; *p != '\0'; p++) {
        if ((p == text || p[-1] == '\n') && *p != '\r' && *p != '\n')
            (void)fputs("    ", stdout);
        if (*p != '\r')
            (void)fputc(*p, stdout);
    }
    (void)fputc('\n', stdout);
}

static int print_all(const struct ww_generate *g, const struct ww_generated *made)
{
    char heading[WW_DNAME_SIZE + 128];
    print_section("In this order", made->steps);
    (void)snprintf(heading, sizeof heading, "The policy: https://mta-sts.%s/.well-known/mta-sts.txt",
                   g->domain);
    print_section(heading, made->policy);
    print_section("The DNS records", made->zone);
    print_section("For nginx", made->nginx);
    print_section("For Caddy", made->caddy);
    print_section("For Apache, with mod_ssl", made->apache);
    (void)printf(
        "Each of these alone: --format policy, zone, nginx, caddy, apache; all as files: --write DIR\n");
    return WW_EXIT_OK;
}

static json_t *strings(const char *const *list, size_t count)
{
    json_t *json = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(json, json_string(list[i]));
    return json;
}

static json_t *txt_json(const char *label, const struct ww_publication *p, const char *value)
{
    char name[WW_DNAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s.%s", label, p->domain);
    return json_pack("{s:s, s:s, s:I, s:s}", "name", name, "type", "TXT", "ttl", (json_int_t)p->ttl, "value",
                     value);
}

json_t *ww_generate_records_json(const struct ww_generated *made)
{
    json_t *list = json_array();
    if (made->publication.rua_count > 0)
        (void)json_array_append_new(list, txt_json("_smtp._tls", &made->publication, made->tlsrpt));
    (void)json_array_append_new(list, txt_json("_mta-sts", &made->publication, made->record));
    return list;
}

static int print_json(const struct ww_generate *g, const struct ww_generated *made)
{
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:o, s:s, s:o, s:s, s:o, s:s, s:{s:s, s:s, s:s}, s:s, s:O, s:O}", "domain",
                  g->domain, "mode", ww_policy_mode_name(g->mode), "max_age", (json_int_t)g->max_age, "mx",
                  strings(g->mx, g->mx_count), "id", g->id, "rua", strings(g->rua, g->rua_count), "policy",
                  made->policy, "records", ww_generate_records_json(made), "zone", made->zone, "servers",
                  "nginx", made->nginx, "caddy", made->caddy, "apache", made->apache, "steps", made->steps,
                  "notes", g->notes, "warnings", g->warnings);
    bool good = json != NULL && json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0 &&
                fputc('\n', stdout) != EOF;
    json_decref(json);
    if (!good)
        ww_subcommand_complain(WW_GENERATE, "standard output", "out of memory, or it cannot be written");
    return good ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

static const char *const formats[] = {"policy", "zone", "nginx", "caddy", "apache", "steps", "all", "json"};

bool ww_generate_is_format(const char *format)
{
    bool known = false;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        known = known || strcmp(formats[i], format) == 0;
    return known;
}

/* By the first of the formats, of which this is one. */
static const char *text_of(const struct ww_generated *made, const char *format)
{
    const char *const texts[] = {made->policy, made->zone,   made->nginx,
                                 made->caddy,  made->apache, made->steps};
    size_t i = 0;
    while (i + 1 < sizeof texts / sizeof *texts && strcmp(formats[i], format) != 0)
        i++;
    return texts[i];
}

int ww_generate_print(const struct ww_generate *g, const struct ww_generated *made, const char *format)
{
    if (format == NULL || strcmp(format, "all") == 0)
        return print_all(g, made);
    if (strcmp(format, "json") == 0)
        return print_json(g, made);
    (void)fputs(text_of(made, format), stdout);
    return WW_EXIT_OK;
}

static int write_file(const char *folder, const char *name, const char *text)
{
    char path[4096];
    struct ww_replace file;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) {
        ww_subcommand_complain(WW_GENERATE, folder, strerror(ENAMETOOLONG));
        return WW_EXIT_INTERNAL;
    }
    int status = ww_replace_open(&file, WW_GENERATE, path, 0644);
    if (status != WW_EXIT_OK)
        return status;
    (void)fputs(text, file.to);
    return ww_replace_close(&file, status);
}

int ww_generate_write(const struct ww_generate *g, const struct ww_generated *made, const char *folder)
{
    char zone[WW_DNAME_SIZE + 8];
    (void)snprintf(zone, sizeof zone, "%s.zone", g->domain);
    const struct {
        const char *name, *text;
    } files[] = {
        {"mta-sts.txt", made->policy}, {zone, made->zone},
        {"nginx.conf", made->nginx},   {"Caddyfile", made->caddy},
        {"apache.conf", made->apache}, {"STEPS", made->steps},
    };
    int status = WW_EXIT_OK;
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        ww_subcommand_complain(WW_GENERATE, folder, strerror(errno));
        return WW_EXIT_INTERNAL;
    }
    for (size_t i = 0; status == WW_EXIT_OK && i < sizeof files / sizeof *files; i++)
        status = write_file(folder, files[i].name, files[i].text);
    return status;
}
