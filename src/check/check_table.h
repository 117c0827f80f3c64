/*
 * Every check, by area. No guard: included by check.h and check.c.
 *
 *   WW_CHECK(NAME, id, severity, otherwise, title, why, fix, source)
 *   WW_CHECK_RULE(NAME, severity, otherwise, why, fix)
 *
 * The second kind is a rule of the linters, WW_E_NAME: its id, its title and its source stand in
 * base/err_table.h. `severity` counts while a policy of mode enforce is published, `otherwise` while none is:
 * ERROR, WARNING or INFO. An id is never changed or given to another check.
 */
#include "check/table_cover.h"
#include "check/table_dane.h"
#include "check/table_history.h"
#include "check/table_host.h"
#include "check/table_mx.h"
#include "check/table_names.h"
#include "check/table_policy.h"
#include "check/table_tlsrpt.h"
