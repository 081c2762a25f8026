FROM busy:1
ENV P=a-b-c
ENV A=a_b-c B=a_b_c C=a--c D=xxxxx E=a-b-c
