#include <stdio.h>
#include <pwd.h>
#include <time.h>
#include <stdlib.h>
int main(void) {
    setenv("TZ", "Asia/Kathmandu", 1);
    time_t noon = 1700000000;
    struct passwd *user = getpwnam("nonroot");
    printf("%d %d\n", user ? (int)user->pw_uid : -1, localtime(&noon)->tm_hour);
    return 0;
}
