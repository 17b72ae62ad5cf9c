/*
 * The answer of the crate in a Rust program that depends on it: Rust's std is the program's, and
 * nothing is set in it. In the shared and in the sealed static library std_own.c takes its place.
 */
__attribute__((weak, visibility("hidden"))) int std_of_tlswrap_is_its_own(void);

int std_of_tlswrap_is_its_own(void) {
  return 0;
}
