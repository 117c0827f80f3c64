#include "core/rule.h"

static const struct {
    enum ww_result_type result;
    const char *source;
    const char *text;
} rules[WW_RULE_COUNT] = {
#define WW_RULE(name, result, source, text) {WW_RESULT_##result, source, text},
#include "core/rule_table.h"
#undef WW_RULE
};

enum ww_result_type ww_rule_result(enum ww_rule rule)
{
    return rules[rule].result;
}

const char *ww_rule_source(enum ww_rule rule)
{
    return rules[rule].source;
}

const char *ww_rule_text(enum ww_rule rule)
{
    return rules[rule].text;
}
