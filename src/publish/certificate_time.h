/* When a certificate is to be renewed. */
#ifndef WW_PUBLISH_CERTIFICATE_TIME_H
#define WW_PUBLISH_CERTIFICATE_TIME_H

#include <stdint.h>

/* When a third of its life is left; Unix seconds, as all here. */
int64_t ww_certificate_renew_at(int64_t not_before, int64_t not_after);

#endif
