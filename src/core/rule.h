/*
 * The rules by which an MX host is judged and a domain is decided, and their one table (rule_table.h): what
 * each finds, which RFC says so, and what a report calls it.
 */
#ifndef WW_CORE_RULE_H
#define WW_CORE_RULE_H

#include "core/tlsrpt_result.h"

enum ww_rule {
#define WW_RULE(name, result, source, text) WW_RULE_##name,
#include "core/rule_table.h"
#undef WW_RULE
    WW_RULE_COUNT
};

/* WW_RESULT_NONE unless the rule is one that something has failed. */
enum ww_result_type ww_rule_result(enum ww_rule rule);

/* "RFC 8461 section 4.2" */
const char *ww_rule_source(enum ww_rule rule);

/* What was found: a clause without a full stop. */
const char *ww_rule_text(enum ww_rule rule);

#endif
