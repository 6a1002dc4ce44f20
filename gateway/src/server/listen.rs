//! Where the server listens. Leaves what it answers to the routes.

use std::{io, net::SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Binds `listen` (`127.0.0.1:8480`, port 0 for any) and warns loudly when others than this machine can reach it.
///
/// # Errors
/// The system's, when the address is no address, taken or not ours.
pub async fn bind(listen: &str) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    if let Some(warning) = exposure(address) {
        tracing::warn!("{warning}");
    }
    Ok((listener, address))
}

/// Serves until `stop` is cancelled, then finishes the answers in hand.
///
/// # Errors
/// The system's, when the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// What to warn of before listening at `address`; none when only this machine can connect.
#[must_use]
pub fn exposure(address: SocketAddr) -> Option<String> {
    (!address.ip().to_canonical().is_loopback()).then(|| {
        format!(
            "状态页在 {address} 上监听，本机以外的人不用登录就能看到全部数字。\
             还没有账号功能：请改回 127.0.0.1，或放在带登录的反向代理之后"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(address: &str) -> bool {
        exposure(address.parse().unwrap()).is_some()
    }

    #[test]
    fn only_this_machine_is_quiet() {
        for quiet in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(!warned(quiet), "{quiet}");
        }
        for loud in ["0.0.0.0:80", "[::]:80", "10.0.0.8:80", "[::ffff:10.0.0.8]:80"] {
            assert!(warned(loud), "{loud}");
        }
    }

    #[tokio::test]
    async fn binds_a_free_port_and_says_which() {
        let (listener, address) = bind("127.0.0.1:0").await.unwrap();
        assert_ne!(address.port(), 0);
        assert_eq!(listener.local_addr().unwrap(), address);
        assert!(bind("nonsense").await.is_err());
    }

    #[tokio::test]
    async fn ends_when_told() {
        let (listener, _) = bind("127.0.0.1:0").await.unwrap();
        let stop = CancellationToken::new();
        stop.cancel();
        serve(listener, Router::new(), stop).await.unwrap();
    }
}
