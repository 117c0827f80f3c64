/*
 * Every check, by area. No guard: included by check.h and check.c.
 *
 *   WW_CHECK(NAME, id, severity, otherwise, title, why, fix, source)
 *   WW_CHECK_RULE(NAME, severity, otherwise, why, fix)
 *
 * The second kind is a rule of the linters, WW_E_NAME: its id, its title and its source stand in
 * base/err_table.h. `severity` counts while a policy of mode enforce is published, `otherwise` while none is:
 * ERROR, WARNING or INFO. An id is never changed or given to another check. WW_CHECK_AREA is the area of the
 * rows that follow; findings of one severity are told in this order.
 */
#define WW_CHECK_AREA WW_CHECK_AREA_NAMES
#include "check/table_names.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_HOST
#include "check/table_host.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_POLICY
#include "check/table_policy.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_COVER
#include "check/table_cover.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_MX
#include "check/table_mx.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_DANE
#include "check/table_dane.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_TLSRPT
#include "check/table_tlsrpt.h"
#undef WW_CHECK_AREA
#define WW_CHECK_AREA WW_CHECK_AREA_HISTORY
#include "check/table_history.h"
#undef WW_CHECK_AREA
