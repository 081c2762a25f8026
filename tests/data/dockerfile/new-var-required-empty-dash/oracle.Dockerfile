FROM busy:1
ENV E=
ENV A=[]
