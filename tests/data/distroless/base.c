// What a program in C gets from the C library's files: names, hosts, services, time zones, modules, the end of threads.
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *wait_forever(void *unused) {
    for (;;) sleep(100);
    return unused;
}

int main(void) {
    setenv("TZ", "Asia/Kathmandu", 1);
    time_t noon = 1700000000;
    struct passwd *user = getpwnam("nonroot");
    printf("user %d, hour %d\n", user ? (int)user->pw_uid : -1, localtime(&noon)->tm_hour);

    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int failed = getaddrinfo("localhost", "https", &hints, &found);
    char host[64] = "", service[64] = "";
    if (!failed) getnameinfo(found->ai_addr, found->ai_addrlen, host, 64, service, 64, NI_NUMERICHOST | NI_NUMERICSERV);
    printf("localhost %s, https %s\n", host, service);
    struct protoent *protocol = getprotobyname("tcp");
    printf("tcp %d\n", protocol ? protocol->p_proto : -1);

    double (*root)(double) = NULL;
    void *module = dlopen("libm.so.6", RTLD_NOW);
    if (module) *(void **)&root = dlsym(module, "sqrt");
    printf("sqrt %g\n", root ? root(9) : -1);
    printf("libcrypto %s\n", dlopen("libcrypto.so.3", RTLD_NOW) ? "loads" : dlerror());

    pthread_t thread;
    void *result = NULL;
    pthread_create(&thread, NULL, wait_forever, NULL);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    printf("thread %s\n", result == PTHREAD_CANCELED ? "cancelled" : "lost");
    return 0;
}
