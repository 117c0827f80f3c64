#include "codec/tlsrpt_read.h"

#include "codec/tlsrpt_read_private.h"
#include "codec/tlsrpt_scan.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Octets that the numbers of a report, a policy and a failure take where they are encoded for other roles, at
 * the most, with the lengths of their texts. */
#define REPORT_NUMBERS 64
#define POLICY_NUMBERS 40
#define DETAIL_NUMBERS 40

struct ww_tlsrpt_read {
    struct ww_received report;
    struct ww_received_policy *policies;
    struct ww_received_detail *details;
    char *text;
};

/* ---- JSON ---- */

static void note_at(struct ww_deviations *d, enum ww_err rule, enum ww_severity severity,
                    struct ww_slice json, size_t offset)
{
    char at[WW_DEVIATION_AT_SIZE];
    size_t line = 1, start = 0;
    for (size_t i = 0; i < offset && i < json.n; i++) {
        if (json.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    (void)snprintf(at, sizeof at, "line %zu, column %zu", line, offset - start + 1);
    ww_deviations_add(d, rule, severity, at);
}

/* Jansson says nothing where memory is short. */
static enum ww_err rule_of(const json_error_t *error)
{
    static const struct {
        enum json_error_code code;
        enum ww_err rule;
    } rules[] = {
        {json_error_unknown, WW_E_NO_MEMORY},
        {json_error_out_of_memory, WW_E_NO_MEMORY},
        {json_error_invalid_utf8, WW_E_REPORT_UTF8},
        {json_error_duplicate_key, WW_E_REPORT_KEY_TWICE},
        {json_error_numeric_overflow, WW_E_REPORT_COUNT_OVERFLOW},
        {json_error_end_of_input_expected, WW_E_REPORT_NOT_OBJECT},
    };
    for (size_t i = 0; i < COUNT(rules); i++)
        if (json_error_code(error) == rules[i].code)
            return rules[i].rule;
    return WW_E_REPORT_JSON;
}

/* A number that Jansson refuses may stand where nobody looks, and else its place is to be told. */
static json_t *load_tamed(struct ww_slice json, json_error_t *error)
{
    char *copy = malloc(json.n + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, json.p, json.n);
    copy[json.n] = '\0';
    ww_tlsrpt_scan_tame(copy, json.n);
    json_t *tree = json_loadb(copy, json.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, error);
    free(copy);
    return tree;
}

/* NULL: it is none, which was noted, or memory is short. */
static json_t *load(struct ww_slice json, struct ww_deviations *d, bool *no_memory)
{
    size_t offset = 0;
    json_error_t error;
    enum ww_err err =
        json.n > WW_TLSRPT_JSON_MAX ? WW_E_REPORT_LARGE : ww_tlsrpt_scan(json, WW_TLSRPT_DEPTH_MAX, &offset);
    if (err != WW_OK) {
        note_at(d, err, WW_SEVERITY_ERROR, json, offset);
        return NULL;
    }
    json_t *tree = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (tree == NULL && rule_of(&error) == WW_E_REPORT_COUNT_OVERFLOW)
        tree = load_tamed(json, &error);
    if (tree != NULL)
        return tree;
    *no_memory = rule_of(&error) == WW_E_NO_MEMORY;
    if (!*no_memory)
        note_at(d, rule_of(&error), WW_SEVERITY_ERROR, json, (size_t)error.position);
    return NULL;
}

/* ---- the report ---- */

static void take_organization(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->report.organization = ww_tlsrpt_text(r, value, WW_RECEIVED_NAME_MAX);
}

static void take_contact(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->report.contact = ww_tlsrpt_text(r, value, WW_RECEIVED_NAME_MAX);
}

static void take_id(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->report.report_id = ww_tlsrpt_text(r, value, WW_RECEIVED_NAME_MAX);
}

static void take_policies(struct ww_tlsrpt_reading *r, json_t *list)
{
    if (json_is_object(list))
        ww_tlsrpt_warn(r, WW_E_REPORT_LIST_OBJECT);
    for (size_t i = 0; i < r->report.count; i++) {
        r->policy = &r->policies[i];
        ww_tlsrpt_enter_at(r, i);
        ww_tlsrpt_policy(r, ww_tlsrpt_list_at(list, i));
        ww_tlsrpt_add(r, &r->report.success, r->policy->success);
        ww_tlsrpt_add(r, &r->report.failure, r->policy->failure);
        ww_tlsrpt_leave(r);
    }
}

static void take_report(struct ww_tlsrpt_reading *r, json_t *tree)
{
    static const struct ww_tlsrpt_field fields[] = {
        {"organization-name", take_organization}, {"contact-info", take_contact}, {"report-id", take_id},
        {"date-range", ww_tlsrpt_range},          {"policies", take_policies},
    };
    (void)ww_tlsrpt_take(r, tree, fields, COUNT(fields));
    if (r->report.organization.n == 0)
        ww_tlsrpt_missing(r, fields[0].key, WW_E_REPORT_ORGANIZATION_MISSING, WW_SEVERITY_WARNING);
    if (r->report.contact.n == 0)
        ww_tlsrpt_missing(r, fields[1].key, WW_E_REPORT_CONTACT_MISSING, WW_SEVERITY_INFO);
    if (r->report.report_id.n == 0)
        ww_tlsrpt_missing(r, fields[2].key, WW_E_REPORT_ID_MISSING, WW_SEVERITY_WARNING);
    if (json_object_get(tree, fields[3].key) == NULL)
        ww_tlsrpt_missing(r, fields[3].key, WW_E_REPORT_DATE_RANGE_MISSING, WW_SEVERITY_ERROR);
    if (r->report.count == 0)
        ww_tlsrpt_missing(r, fields[4].key, WW_E_REPORT_POLICIES_MISSING, WW_SEVERITY_ERROR);
}

/* DANE's policy-domain is told to be the recipient domain where another policy has it as that. */
static void look_at_tlsa(struct ww_tlsrpt_reading *r)
{
    const char *domain = "";
    for (size_t i = 0; i < r->report.count && domain[0] == '\0'; i++)
        if (!ww_slice_is(r->policies[i].type, "tlsa"))
            domain = r->policies[i].domain;
    for (size_t i = 0; i < r->report.count && domain[0] != '\0'; i++) {
        if (!ww_slice_is(r->policies[i].type, "tlsa") || strcmp(r->policies[i].domain, domain) != 0)
            continue;
        ww_tlsrpt_enter(r, "policies");
        ww_tlsrpt_enter_at(r, i);
        ww_tlsrpt_enter(r, "policy");
        ww_tlsrpt_missing(r, "policy-domain", WW_E_REPORT_TLSA_DOMAIN, WW_SEVERITY_INFO);
        ww_tlsrpt_leave(r);
        ww_tlsrpt_leave(r);
        ww_tlsrpt_leave(r);
    }
}

/* What can be added up later on, and handed on. */
static void look_at_size(struct ww_tlsrpt_reading *r)
{
    size_t octets =
        REPORT_NUMBERS + r->text.n + r->report.count * POLICY_NUMBERS + r->detail_count * DETAIL_NUMBERS;
    int64_t all = r->report.success;
    for (size_t i = 0; i < r->report.count; i++)
        octets += strlen(r->policies[i].domain);
    ww_tlsrpt_enter(r, "policies");
    if (octets > WW_RECEIVED_ENCODED_MAX)
        ww_tlsrpt_error(r, WW_E_REPORT_LARGE);
    ww_tlsrpt_add(r, &all, r->report.failure);
    ww_tlsrpt_leave(r);
}

/* Policies and failures that there is to be room for; more of them are an error. */
static size_t measure(struct ww_tlsrpt_reading *r, json_t *list)
{
    size_t details = 0, count = ww_tlsrpt_list_size(list);
    r->report.count = count < WW_RECEIVED_POLICIES_MAX ? count : WW_RECEIVED_POLICIES_MAX;
    for (size_t i = 0; i < r->report.count; i++)
        details += ww_tlsrpt_list_size(json_object_get(ww_tlsrpt_list_at(list, i), "failure-details"));
    if (count > WW_RECEIVED_POLICIES_MAX)
        ww_tlsrpt_missing(r, "policies", WW_E_REPORT_POLICIES_MANY, WW_SEVERITY_ERROR);
    if (details > WW_RECEIVED_DETAILS_MAX)
        ww_tlsrpt_missing(r, "policies", WW_E_REPORT_DETAILS_MANY, WW_SEVERITY_ERROR);
    return details < WW_RECEIVED_DETAILS_MAX ? details : WW_RECEIVED_DETAILS_MAX;
}

/* False: memory is short. */
static bool read_tree(struct ww_tlsrpt_read *out, json_t *tree, struct ww_slice json, struct ww_deviations *d)
{
    struct ww_tlsrpt_reading r = {.deviations = d};
    size_t details = measure(&r, json_object_get(tree, "policies"));
    r.policies = out->policies = calloc(r.report.count + 1, sizeof *out->policies);
    r.details = out->details = malloc((details + 1) * sizeof *out->details);
    out->text = malloc(json.n);
    r.text = ww_buf(out->text, json.n);
    if (out->policies == NULL || out->details == NULL || out->text == NULL)
        return false;
    take_report(&r, tree);
    look_at_tlsa(&r);
    look_at_size(&r);
    r.report.policies = r.policies;
    out->report = r.report;
    return !r.no_memory;
}

struct ww_tlsrpt_read *ww_tlsrpt_read(struct ww_slice json, struct ww_deviations *deviations)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct ww_tlsrpt_read *out = calloc(1, sizeof *out);
    bool no_memory = out == NULL;
    if (ww_slice_starts(json, mark)) {
        note_at(deviations, WW_E_REPORT_BOM, WW_SEVERITY_WARNING, json, 0);
        json = ww_slice(json.p + sizeof mark - 1, json.n - (sizeof mark - 1));
    }
    json_t *tree = out != NULL ? load(json, deviations, &no_memory) : NULL;
    if (tree != NULL)
        no_memory = !read_tree(out, tree, json, deviations);
    json_decref(tree);
    if (!no_memory)
        return out;
    ww_tlsrpt_read_free(out);
    return NULL;
}

const struct ww_received *ww_tlsrpt_report(const struct ww_tlsrpt_read *read)
{
    return &read->report;
}

void ww_tlsrpt_read_free(struct ww_tlsrpt_read *read)
{
    if (read == NULL)
        return;
    free(read->policies);
    free(read->details);
    free(read->text);
    free(read);
}
