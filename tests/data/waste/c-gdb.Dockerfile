FROM debian:12
RUN apt-get update && \
    apt-get install -y build-essential cmake gdb valgrind && \
    apt-get clean
WORKDIR /work
COPY . .
RUN mkdir build && cd build && cmake -DCMAKE_BUILD_TYPE=Debug .. && make
CMD ["./build/app"]
