/* All of libwaxwing: see waxwing/base.h for what holds everywhere, and libwaxwing(3). */
#ifndef WAXWING_WAXWING_H
#define WAXWING_WAXWING_H

#include <waxwing/base.h>
#include <waxwing/client.h>
#include <waxwing/dane.h>
#include <waxwing/decision.h>
#include <waxwing/policy.h>
#include <waxwing/tlsrpt.h>

#endif
