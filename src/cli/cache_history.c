/* waxwing cache history: each version of a domain's policy, and what it changed. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/show.h"
#include "codec/idn.h"
#include "core/policy_diff.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: waxwing cache history [--json] [--config FILE | --socket ADDRESS] DOMAIN\n";

static const char help[] =
    "\n"
    "Shows each version of a domain's policy that waxwingd has ever seen, newest first: when it was seen,\n"
    "from which address and certificate it came, and what it changed against the one before.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 there is a history; 1 nothing is known; 64 usage; 75 no daemon answers.\n";

#define RED "\033[31m"
#define GREEN "\033[32m"
#define BOLD "\033[1m"

/* A version waits for the next, which is the one before it, to be compared. */
struct output {
    json_t *newer;
    bool colour;
    bool out_of_memory;
};

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

static void safely(const char *s)
{
    ww_show_safely(stdout, s, strlen(s));
}

static void colour(const struct output *out, const char *sequence)
{
    if (out->colour)
        (void)fputs(sequence, stdout);
}

static void end_line(const struct output *out)
{
    colour(out, "\033[0m");
    (void)putchar('\n');
}

static void label(const char *words)
{
    (void)printf("  %-12s ", words);
}

static void line(const struct output *out, const char *words, const char *value)
{
    if (value[0] == '\0')
        return;
    label(words);
    safely(value);
    end_line(out);
}

static void hash_line(const struct output *out, const char *words, const char *hash)
{
    label(words);
    (void)fputs("SHA-256 ", stdout);
    safely(hash);
    end_line(out);
}

static void print_head(const struct output *out, const json_t *version)
{
    colour(out, BOLD);
    safely(text(version, "domain"));
    (void)fputs(" id ", stdout);
    safely(text(version, "id"));
    (void)fputs(": mode ", stdout);
    safely(text(version, "mode"));
    if (text(version, "in_force_until")[0] != '\0') {
        (void)fputs(", in force until ", stdout);
        safely(text(version, "in_force_until"));
    }
    end_line(out);
}

static void print_times(const struct output *out, const json_t *version)
{
    json_int_t turns = json_integer_value(json_object_get(version, "turns"));
    line(out, "first seen", text(version, "first_seen"));
    label("last seen");
    safely(text(version, "last_seen"));
    if (turns > 1)
        (void)printf(", came back %" JSON_INTEGER_FORMAT " times", turns - 1);
    end_line(out);
}

static void print_origin(const struct output *out, const json_t *version)
{
    const json_t *origin = json_object_get(version, "origin");
    const json_t *certificate = json_object_get(origin, "certificate");
    if (!json_is_object(origin)) {
        line(out, "from", "not known");
        return;
    }
    line(out, "from", text(origin, "address"));
    label("certificate");
    (void)fputs("until ", stdout);
    safely(text(certificate, "not_after"));
    (void)fputs(", issued by ", stdout);
    safely(text(certificate, "issuer"));
    end_line(out);
    hash_line(out, "", text(certificate, "sha256"));
}

static void print_changes(const struct output *out, const json_t *version)
{
    const json_t *change;
    size_t i;
    json_array_foreach(json_object_get(version, "changes"), i, change)
    {
        const char *effect = text(change, "effect");
        bool weaker = strcmp(effect, "weaker") == 0;
        bool stronger = strcmp(effect, "stronger") == 0;
        label(weaker || stronger ? effect : "changed");
        colour(out, weaker ? BOLD RED : stronger ? GREEN : "");
        safely(text(change, "change"));
        end_line(out);
    }
}

static void print_line(void *ctx, enum ww_diff_mark mark, struct ww_slice content)
{
    const struct output *out = ctx;
    (void)fputs("    ", stdout);
    colour(out, mark == WW_DIFF_GONE ? RED : mark == WW_DIFF_NEW ? GREEN : "");
    (void)putchar((int)mark);
    (void)putchar(' ');
    ww_show_safely(stdout, content.p, content.n);
    end_line(out);
}

static struct ww_slice body_of(const json_t *version)
{
    const json_t *policy = json_object_get(version, "policy");
    return json_is_string(policy) ? ww_slice(json_string_value(policy), json_string_length(policy))
                                  : ww_slice(NULL, 0);
}

/* Without one before it, or when that one's body is not there, all its lines simply stand there. */
static void print_policy(struct output *out, const json_t *version, const json_t *older)
{
    struct ww_slice body = body_of(version);
    struct ww_slice before = older != NULL ? body_of(older) : body;
    if (body.p != NULL)
        ww_policy_diff(before.p != NULL ? before : body, body, print_line, out);
    else
        (void)printf("    (%" JSON_INTEGER_FORMAT " octets, too many to be kept)\n",
                     json_integer_value(json_object_get(version, "size")));
}

/* Shows the version that waits; older is the one before it, or NULL. */
static void show_newer(struct output *out, const json_t *older)
{
    const json_t *version = out->newer;
    if (version == NULL)
        return;
    print_head(out, version);
    print_times(out, version);
    print_origin(out, version);
    hash_line(out, "policy", text(version, "sha256"));
    if (older != NULL && json_is_null(json_object_get(version, "changes")))
        line(out, "changed", "not known, as one of the two was too long to be kept");
    print_changes(out, version);
    print_policy(out, version, older);
    (void)fputs(older != NULL ? "\n" : "", stdout);
    json_decref(out->newer);
    out->newer = NULL;
}

static void print(void *ctx, const json_t *item)
{
    struct output *out = ctx;
    show_newer(out, item);
    out->newer = json_deep_copy(item);
    out->out_of_memory |= out->newer == NULL;
}

int ww_cache_history_print(const struct ww_control_options *o, const char *domain)
{
    struct output out = {.colour = ww_show_has_colour(stdout)};
    int status = ww_control_call(o, "cache-history", json_pack("{s:s}", "domain", domain),
                                 o->json ? ww_control_print_json : print, &out);
    show_newer(&out, NULL);
    return out.out_of_memory ? WW_EXIT_INTERNAL : status;
}

static int run(const struct ww_control_options *o, const char *argument)
{
    char domain[WW_DNAME_SIZE];
    enum ww_err err = ww_idn_to_domain(ww_slice_str(argument), domain);
    if (err == WW_OK)
        return ww_cache_history_print(o, domain);
    (void)fprintf(stderr, "waxwing %s: ", o->command);
    ww_show_safely(stderr, argument, strlen(argument));
    (void)fprintf(stderr, ": %s\n", ww_err_message(err));
    return WW_EXIT_USAGE;
}

int ww_cli_cache_history(int argc, char **argv)
{
    static const struct option known[] = {WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "cache history"};
    int option;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        (void)fputs(usage, option == 'h' ? stdout : stderr);
        if (option != 'h')
            return WW_EXIT_USAGE;
        (void)fputs(help, stdout);
        return WW_EXIT_OK;
    }
    if (argc - optind != 1) {
        (void)fputs(usage, stderr);
        return WW_EXIT_USAGE;
    }
    return run(&o, argv[optind]);
}
