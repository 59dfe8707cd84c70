# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p mensuel --bin mensuel \
 && cp target/release/mensuel /usr/local/bin/mensuel

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin mensuel \
 && install -d -o mensuel -g mensuel -m 0700 /data
COPY --from=build /usr/local/bin/mensuel /usr/local/bin/mensuel
USER 10001:10001
WORKDIR /data
# Loopback is the default elsewhere; in a container the proxy comes from outside.
ENV MENSUEL_DATA_DIR=/data MENSUEL_BIND=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
# bash speaks HTTP well enough to ask for one status line, so no other program is needed.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [[ $status == 200 ]]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["mensuel"]
CMD ["serve"]
