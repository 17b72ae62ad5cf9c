/*
 * Linked into the C libraries, which bring a std of Rust along that nobody else uses, and into the
 * tests; by build.rs and tools/seal-static.sh. src/ffi/quiet.rs says what for.
 */
__attribute__((visibility("hidden"))) int std_of_tlswrap_is_its_own(void);

int std_of_tlswrap_is_its_own(void) {
  return 1;
}
