FROM gcc:13
COPY . /usr/src/myapp
WORKDIR /usr/src/myapp
RUN gcc -g -o myapp main.c
CMD ["./myapp"]
