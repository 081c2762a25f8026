FROM r-base:4.3.2
RUN apt-get update && apt-get install -y --no-install-recommends libcurl4-openssl-dev libssl-dev libxml2-dev && rm -rf /var/lib/apt/lists/*
RUN R -e "install.packages(c('plumber','dplyr'))"
WORKDIR /api
COPY . /api
EXPOSE 8000
CMD ["Rscript", "run.R"]
