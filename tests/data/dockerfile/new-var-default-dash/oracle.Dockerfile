FROM busy:1
ENV S=set E=
ENV A=unset B= C=set D= F=yes G=yes
