/* What DNS says of a domain's MTA-STS and TLSRPT records, and of the zones and servers that say it. */
#ifndef WW_CHECK_NAMES_SIGHT_H
#define WW_CHECK_NAMES_SIGHT_H

#include "core/sts_record.h"
#include "core/tlsrpt_record.h"

struct ww_names_sight {
    bool looked;                 /* the rest was looked at */
    bool late;                   /* the look was ended before it had seen all */
    enum ww_txt_presence record; /* at _mta-sts; of meaning where its look-up did not fail */
    struct ww_sts_record sts;    /* with WW_TXT_PRESENT */
    enum ww_txt_presence tlsrpt; /* at _smtp._tls */
    char rua[1024];              /* the list of a TLSRPT record that is there, else "" */
};

#endif
