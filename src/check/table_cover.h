/* The policy against the MX hosts, in both directions; what senders do. Included by check_table.h. */

WW_CHECK(COVER_MX_LOOKUP, "cover-mx-lookup", ERROR, ERROR, "The domain's MX records cannot be looked up",
         "A sender that gets no answer keeps the mail, and gives it back in the end.",
         "See that each name server of the zone answers for it.", "RFC 5321 section 5.1")
WW_CHECK(COVER_NULL_MX, "cover-null-mx", INFO, INFO, "The domain takes no mail",
         "Its null MX record says so. There is nothing to protect, and an MTA-STS policy would have no use.",
         "Nothing, if that is meant; else publish MX records.", "RFC 7505 section 3")
WW_CHECK(COVER_NO_MX, "cover-no-mx", INFO, INFO, "The domain has no MX record",
         "Senders then try the domain's own addresses, which is seldom meant.",
         "Publish an MX record; or a null MX (\"0 .\") if the domain takes no mail.", "RFC 5321 section 5.1")
WW_CHECK(COVER_MX_MISSED, "cover-mx-missed", ERROR, WARNING, "An MX host is not covered by the policy",
         "Under mode enforce senders do not deliver to a host that no mx pattern of the policy matches.",
         "Add an mx line for the host to the policy, and publish it under a new id before the MX record; or "
         "remove "
         "the MX record.",
         "RFC 8461 section 4.1")
WW_CHECK(COVER_MX_UNUSED, "cover-mx-unused", WARNING, WARNING, "A pattern of the policy matches no MX host",
         "Whoever gets hold of that name may take mail for the domain, as far as the policy goes.",
         "Remove the line; or keep it only as long as the host is about to come, or a cached policy with its "
         "successor is about to expire.",
         "RFC 8461 section 4.1")
