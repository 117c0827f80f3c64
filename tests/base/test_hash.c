#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* From the reference implementation's list: key 00 01 … 0f, input 00 01 … of each length. */
static const struct {
    size_t n;
    uint64_t hash;
} cases[] = {
    {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
    {2, UINT64_C(0x0d6c8009d9a94f5a)},  {7, UINT64_C(0xab0200f58b01d137)},
    {8, UINT64_C(0x93f5f5799a932462)},  {9, UINT64_C(0x9e0082df0ba9e4b0)},
    {15, UINT64_C(0xa129ca6149be45e5)}, {16, UINT64_C(0x3f2acc7f57c29bdb)},
    {63, UINT64_C(0x958a324ceb064572)},
};

static void matches_the_reference(void **state)
{
    (void)state;
    static const struct ww_hash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    unsigned char input[64];
    for (unsigned i = 0; i < sizeof input; i++)
        input[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (ww_hash(&key, input, cases[i].n) != cases[i].hash)
            fail_msg("length %zu", cases[i].n);
}

static void depends_on_the_key(void **state)
{
    (void)state;
    static const struct ww_hash_key a = {{1, 2}};
    static const struct ww_hash_key b = {{1, 3}};
    assert_true(ww_hash(&a, "example.com", 11) != ww_hash(&b, "example.com", 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_the_reference),
        cmocka_unit_test(depends_on_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
