/* The policy's body. Included by check_table.h. */

WW_CHECK_RULE(POLICY_TESTING, WARNING, WARNING,
              "Senders report what fails, but deliver all the same: nobody is protected yet.",
              "When the reports are clean, publish mode enforce under a new id.")
