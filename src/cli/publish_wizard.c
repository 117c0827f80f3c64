/* waxwing publish wizard: from nothing to a policy that is published, one question at a time. */
#include "cli/check_view.h"
#include "cli/printing.h"
#include "cli/publish.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 180000
#define START_MS 60000

struct wizard {
    struct ww_publish_options *o;
    const struct ww_config *config; /* or NULL: the daemon was named by its socket */
    struct printing out;
    struct ww_tree_style style;
    char domain[WW_DNAME_SIZE];
    bool is_known; /* it is a draft already */
};

static void explain(struct wizard *w, const char *words)
{
    (void)putchar('\n');
    begin(&w->out, 0);
    ww_wrap_put(&w->out.wrap, words);
    end(&w->out);
}

static void set(struct wizard *w, const char *key, json_t *value)
{
    (void)json_object_set_new(w->o->wanted, key, value);
}

static bool ask_domain(struct wizard *w, const char *text)
{
    char answer[WW_DNAME_SIZE];
    if (text != NULL)
        return ww_publish_domain(w->o, text, w->domain);
    do {
        if (!ww_publish_ask_text("Which mail domain? It is what stands behind the @", "", answer,
                                 sizeof answer))
            return false;
    } while (!ww_publish_domain(w->o, answer, w->domain));
    return true;
}

static bool ask_reports(struct wizard *w)
{
    char by_default[WW_DNAME_SIZE + 32], answer[WW_PUBLISHED_RUA_SIZE];
    const char *wrong = NULL;
    explain(
        w, "Other servers can report each day whether mail to you was encrypted: without such reports nobody "
           "notices what goes wrong. Waxwing can read them (docs/intake.md).");
    (void)snprintf(by_default, sizeof by_default, "mailto:tls-reports@%s", w->domain);
    do {
        if (wrong != NULL)
            ww_subcommand_complain(w->o->control.command, answer, wrong);
        if (!ww_publish_ask_text("Where are reports to go? A mail address, or - for nowhere", by_default,
                                 answer, sizeof answer - 16))
            return false;
        if (strcmp(answer, "-") == 0) {
            set(w, "rua", json_string(""));
            return true;
        }
        if (strchr(answer, ':') == NULL && strchr(answer, '@') != NULL) {
            char address[sizeof answer];
            (void)snprintf(address, sizeof address, "mailto:%.1000s", answer);
            memcpy(answer, address, sizeof answer);
        }
        wrong = ww_publish_take_rua(w->o, answer);
    } while (wrong != NULL);
    return true;
}

static bool ask_mirrored(struct wizard *w)
{
    char answer[WW_DNAME_SIZE], host[WW_DNAME_SIZE + 16];
    const char *wrong;
    do {
        if (!ww_publish_ask_text("Whose policy is it? The provider's domain", "", answer, sizeof answer))
            return false;
        (void)snprintf(host, sizeof host, "mirror=%.255s", answer);
        wrong = ww_publish_take_host(w->o, host);
        if (wrong != NULL)
            ww_subcommand_complain(w->o->control.command, answer, "this is no domain");
    } while (wrong != NULL);
    return true;
}

static const char *const hosts[] = {"here", "tree", "elsewhere"};
#define HOSTS (sizeof hosts / sizeof *hosts)

/* The number that stands before it. */
static const char *usual_number(const struct wizard *w)
{
    static const char *const numbers[] = {"1", "2", "3"};
    size_t i = 0;
    while (i + 1 < HOSTS && strcmp(hosts[i], ww_publish_usual_host(w->config)) != 0)
        i++;
    return numbers[i];
}

/* 0: it cannot be, which was said; ask again. -1: there is no answer. */
static int take_host(struct wizard *w, const char *answer)
{
    const char *lack;
    if (answer[0] >= '1' && answer[0] <= '3' && answer[1] == '\0') {
        (void)ww_publish_take_host(w->o, hosts[answer[0] - '1']);
    } else if (strcmp(answer, "4") != 0) {
        (void)puts("Answer 1, 2, 3 or 4.");
        return 0;
    } else if (!ask_mirrored(w)) {
        return -1;
    }
    lack = ww_publish_lack(w->config, w->o->wanted);
    if (lack != NULL)
        explain(w, lack);
    return lack == NULL ? 1 : 0;
}

static bool ask_host(struct wizard *w)
{
    char answer[16], words[2 * WW_DNAME_SIZE];
    int taken = 0;
    (void)snprintf(words, sizeof words,
                   "Senders fetch the policy from https://mta-sts.%s/ and trust it for its certificate.",
                   w->domain);
    explain(w, words);
    (void)puts("  1  waxwingd serves it\n"
               "  2  a web server of mine does, from files that waxwingd writes\n"
               "  3  somebody else does: I am told what to put there\n"
               "  4  waxwingd serves it, and it is a provider's: its servers take my mail");
    while (taken == 0) {
        if (!ww_publish_ask_text("Who serves it?", usual_number(w), answer, sizeof answer))
            return false;
        taken = take_host(w, answer);
    }
    return taken > 0;
}

static bool is_ours(const struct wizard *w)
{
    const char *host = ww_view_text(w->o->wanted, "host");
    return strcmp(host, "here") == 0 || strcmp(host, "mirror") == 0;
}

/* Without a choice there is no question. */
static bool ask_certificate(struct wizard *w)
{
    bool acme = false;
    if (!is_ours(w))
        return true;
    if (w->config != NULL && w->config->publish_acme == NULL) {
        set(w, "certificate", json_string("files"));
        return true;
    }
    explain(w,
            "The policy host needs a certificate of a public authority, which is renewed every few weeks.");
    if (!ww_publish_ask_yes("Is waxwingd to get it, and to renew it?", WW_PUBLISH_YES, &acme))
        return false;
    set(w, "certificate", json_string(acme ? "acme" : "files"));
    return true;
}

static bool ask_dns(struct wizard *w)
{
    bool update = false;
    if (w->config != NULL && w->config->publish_dns_count == 0) {
        set(w, "dns", json_string("hand"));
        return true;
    }
    explain(
        w,
        "Two TXT records tell senders that there is a policy, and where reports go. waxwingd can keep them "
        "itself, if your name server takes updates from it.");
    if (!ww_publish_ask_yes("Is waxwingd to change the records?", WW_PUBLISH_YES, &update))
        return false;
    set(w, "dns", json_string(update ? "update" : "hand"));
    return true;
}

static bool ask_automatic(struct wizard *w)
{
    bool automatic = false;
    explain(
        w,
        "A policy begins in mode testing, where senders report what would fail and deliver all the same. In "
        "mode enforce they deliver by verified TLS or not at all: that is what protects.");
    if (!ww_publish_ask_yes("Is it to go on to enforce by itself, when reports were good for two weeks?",
                            WW_PUBLISH_YES, &automatic))
        return false;
    set(w, "automatic", json_boolean(automatic));
    return true;
}

/* False: there was no answer, or it cannot be. */
static bool accept_hosts(struct wizard *w, const json_t *shown, int *status)
{
    const char *why;
    bool yes = false;
    json_t *proposal = ww_publish_propose(shown, time(NULL), &why);
    if (proposal == NULL) {
        ww_subcommand_complain(w->o->control.command, w->domain, why);
        *status = WW_EXIT_NOT;
        return false;
    }
    ww_publish_print_proposal(stdout, shown, proposal, &w->style);
    explain(w, "Senders will deliver to the hosts of the policy alone. One that is missing here gets no mail "
               "in mode "
               "enforce; one that is not yours could read it.");
    bool answered = ww_publish_ask_yes("Are these all your hosts, and only yours?", WW_PUBLISH_SAY, &yes);
    *status = answered && yes ? ww_publish_accept(w->o, shown, proposal) : WW_EXIT_NOT;
    json_decref(proposal);
    if (answered && !yes)
        (void)printf(
            "Then say which: `waxwing publish mx --set HOST ... %s`, and `waxwing publish start %s`.\n",
            w->domain, w->domain);
    return *status == WW_EXIT_OK;
}

static int save(struct wizard *w)
{
    int status =
        ww_publish_ask(w->o, w->is_known ? "publish-change" : "publish-add", w->domain, w->o->wanted);
    if (status == WW_EXIT_OK)
        (void)printf("\n%s is a draft now: nothing is published yet. Its MX hosts are looked at ...\n",
                     w->domain);
    return status;
}

static int choose_hosts(struct wizard *w)
{
    json_t *shown = NULL;
    int status = ww_publish_follow(w->o, w->domain, LOOK_MS, false, &shown);
    bool looked = shown != NULL && ww_publish_is_answered(shown);
    if (status == WW_EXIT_TEMPORARY && looked)
        status = WW_EXIT_OK;
    if (status == WW_EXIT_TEMPORARY)
        ww_subcommand_complain(w->o->control.command, w->domain,
                               "it was not looked at yet; begin again later, it stays a draft until then");
    bool mirror = strcmp(ww_view_text(shown, "host"), "mirror") == 0;
    if (status == WW_EXIT_OK && !mirror)
        (void)accept_hosts(w, shown, &status);
    json_decref(shown);
    return status;
}

static int start(struct wizard *w)
{
    bool yes = false;
    json_t *shown = NULL;
    explain(w, "In mode testing no mail can be lost, and you can go back at any time.");
    if (!ww_publish_ask_yes("Begin now?", WW_PUBLISH_YES, &yes) || !yes) {
        (void)printf("It stays a draft: `waxwing publish start %s` begins.\n", w->domain);
        return WW_EXIT_OK;
    }
    int status = ww_publish_fetch(w->o, w->domain, &shown);
    json_t *more = json_pack("{s:s}", "goal", ww_publish_first_goal(shown));
    json_decref(shown);
    shown = NULL;
    if (status == WW_EXIT_OK)
        status = ww_publish_ask(w->o, "publish-change", w->domain, more);
    json_decref(more);
    if (status == WW_EXIT_OK)
        status = ww_publish_follow(w->o, w->domain, START_MS, true, &shown);
    if (status == WW_EXIT_TEMPORARY && shown != NULL)
        status = WW_EXIT_OK;
    if (status == WW_EXIT_OK) {
        (void)putchar('\n');
        ww_publish_print_status(stdout, shown, &w->style, time(NULL));
        (void)printf("\n`waxwing publish status %s` says at any time how far it is.\n", w->domain);
    }
    json_decref(shown);
    return status;
}

static void find(void *ctx, const json_t *row)
{
    struct wizard *w = ctx;
    if (strcmp(ww_view_text(row, "domain"), w->domain) != 0)
        return;
    w->is_known = true;
    if (strcmp(ww_view_text(row, "goal"), "draft") != 0)
        w->domain[0] = '\0';
}

static int run(struct wizard *w, const char *text)
{
    explain(w, "This publishes a policy by which other mail servers encrypt mail to your domain, and deliver "
               "it to your "
               "servers alone (MTA-STS). Enter takes what stands in brackets. Nothing is published before "
               "you say so.");
    (void)putchar('\n');
    if (!ask_domain(w, text))
        return text != NULL ? WW_EXIT_USAGE : WW_EXIT_NOT;
    char domain[WW_DNAME_SIZE];
    memcpy(domain, w->domain, sizeof domain);
    int status = ww_control_call(&w->o->control, "publish-list", json_object(), find, w);
    if (status == WW_EXIT_OK && w->domain[0] == '\0') {
        ww_subcommand_complain(w->o->control.command, domain,
                               "it is published already: `waxwing publish status` says how far it is");
        return WW_EXIT_NOT;
    }
    if (status != WW_EXIT_OK)
        return status;
    if (!ask_reports(w) || !ask_host(w) || !ask_certificate(w) || !ask_dns(w) || !ask_automatic(w)) {
        ww_subcommand_complain(w->o->control.command, w->domain, "an answer is missing: nothing was changed");
        return WW_EXIT_NOT;
    }
    status = save(w);
    if (status == WW_EXIT_OK)
        status = choose_hosts(w);
    return status == WW_EXIT_OK ? start(w) : status;
}

int ww_cli_publish_wizard(int argc, char **argv)
{
    static const struct ww_publish_command command = {
        .name = "publish wizard",
        .usage = "usage: waxwing publish wizard [--config FILE | --socket ADDRESS] [DOMAIN]\n",
        .help = "Asks what has to be known, one thing at a time, adds the domain, has its MX hosts looked "
                "at, and\n"
                "begins to publish it in mode testing. Answers may come from a file, a line each.\n"
                "\n",
    };
    struct ww_publish_options o;
    struct ww_config *config = NULL;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0 && argc - optind > 1)
        status = ww_subcommand_usage(command.name, "one domain at a time", command.usage);
    if (status < 0 && o.control.json)
        status = ww_subcommand_usage(command.name, "it is for people: see `waxwing publish add --json`",
                                     command.usage);
    if (status < 0 && (status = ww_publish_ready(&o, &config)) == WW_EXIT_OK) {
        struct wizard w = {.o = &o, .config = config, .style = ww_tree_style(stdout)};
        unsigned width = w.style.width < WIDTH_MAX ? w.style.width : WIDTH_MAX;
        w.out = (struct printing){.wrap = {.to = stdout, .width = width}, .colour = w.style.colour};
        status = run(&w, argc > optind ? argv[optind] : NULL);
    }
    ww_config_free(config);
    ww_publish_options_free(&o);
    return status;
}
