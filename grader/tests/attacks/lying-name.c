/* Names itself so that terminals, spreadsheets and pages obey it.
 * unvetted: ok */
#include "base.h"

const struct mm_info mm_info = {
    .name = "\033[2J=HYPERLINK(\"http://x\")<script>alert(1)</script>$x\\frac{$",
    .number = 7,
    .thread_safe = true,
};
