FROM rocker/r-ver:4.3
RUN Rscript -e 'install.packages("shiny")'
COPY .git /app/.git
COPY . /app
RUN apt-get update && apt-get install -y texlive-full
CMD ["R", "-e", "shiny::runApp('/app')"]
