export async function check() {
  return 0;
}
