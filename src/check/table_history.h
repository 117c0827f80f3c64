/* What shows only beside what was seen before: a watched domain. Included by check_table.h. */

WW_CHECK(
    HISTORY_ID_UNCHANGED, "history-id-unchanged", ERROR, ERROR,
    "The policy has changed, but the id in DNS has not",
    "Senders that have the earlier policy look at the id alone: they go on with the earlier one until its "
    "max_age is over.",
    "Publish a new id at _mta-sts now, and with each change of the policy after it.", "RFC 8461 section 3.1")
WW_CHECK(HISTORY_ID_CHANGED, "history-id-changed", INFO, INFO,
         "The id in DNS is a new one, but the policy is the same",
         "Nothing breaks: each sender fetches the policy once more.",
         "Nothing is to be done. Change the id only when the policy changes.", "RFC 8461 section 3.1")
WW_CHECK(
    HISTORY_WEAKER, "history-weaker", ERROR, WARNING,
    "The policy demands less than one that senders may still have",
    "Whoever takes the protection away, by intent, by accident or by an attack, opens the way to delivery "
    "in the clear; senders with the earlier policy go on to enforce it until its max_age is over.",
    "If it was not you, find out who changes your DNS or your policy host. If it was, go on serving mode "
    "none with a new id until the earlier max_age is over.",
    "RFC 8461 section 8.3")
WW_CHECK(
    HISTORY_MAX_AGE_SHORTER, "history-max-age-shorter", WARNING, INFO,
    "The policy lives for a shorter time than the one before it",
    "The shorter max_age is, the sooner an attacker who blocks your policy host and DNS has senders forget "
    "the policy.",
    "Give max_age its former length once what you have it shortened for is done.", "RFC 8461 section 3.2")
WW_CHECK(HISTORY_TESTING_LONG, "history-testing-long", WARNING, WARNING,
         "The policy has been in mode testing for more than 90 days",
         "In mode testing nobody is protected. It is meant for the time until the reports are clean.",
         "Read the TLS reports, mend what they show, and publish mode enforce with a new id.",
         "RFC 8461 section 5.2")
WW_CHECK(
    HISTORY_MX_DRIFT, "history-mx-drift", WARNING, INFO,
    "The MX hosts have changed since the policy was published, and the policy has not",
    "The policy was written for other hosts: its patterns cover the new ones only because they are wide, "
    "or name hosts that are gone.",
    "Look whether each pattern still says what you mean, and publish the policy anew.",
    "RFC 8461 section 3.2")
