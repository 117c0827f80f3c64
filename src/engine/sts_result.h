/*
 * What a discovery that came to nothing is to the domain in a TLS report: the result types of RFC 8460
 * section 4.3.2.2, which are about its policy and not about an MX host.
 */
#ifndef WW_ENGINE_STS_RESULT_H
#define WW_ENGINE_STS_RESULT_H

#include "core/tlsrpt_result.h"
#include "engine/discovery.h"

/*
 * WW_RESULT_NONE where nothing was fetched, or nothing has failed, or the fault is not the domain's: without
 * a valid record there is no policy to be had, and what this machine lacks is no news to anybody else.
 */
enum ww_result_type ww_sts_result(const struct ww_discovery_result *result);

#endif
