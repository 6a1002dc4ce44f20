//! The national envelope's cipher: AES-128-CBC with PKCS7 padding, written in Base64.
//! Leaves where key and IV come from, and what is wrapped around the text, to the caller.

use std::fmt;

use aes::Aes128;
use base64::{Engine, prelude::BASE64_STANDARD};
use cbc::{
    Decryptor, Encryptor,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7},
};

/// Why a text cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// The setting is not sixteen bytes long.
    #[error("密钥和初始向量都必须正好是 16 个字节")]
    Length,
    /// Not Base64.
    #[error("不是 Base64")]
    Base64,
    /// The padding is wrong: another key or IV, or the text was cut.
    #[error("解密失败：密钥或初始向量不对，或内容被截断")]
    Padding,
}

/// AES-128-CBC-PKCS7 with one key and one IV.
/// Source: transport.md §7, pattern 1 (YT, JT); the IV is a setting of its own, equal to the key in YT.
#[derive(Clone)]
pub struct Cipher {
    key: [u8; 16],
    iv: [u8; 16],
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(aes-128-cbc)")
    }
}

impl Cipher {
    /// From sixteen bytes each.
    #[must_use]
    pub fn new(key: &[u8; 16], iv: &[u8; 16]) -> Self {
        Self { key: *key, iv: *iv }
    }

    /// From settings as receivers hand them out: texts of sixteen bytes.
    ///
    /// # Errors
    /// [`CipherError::Length`] when one of them has another length.
    pub fn from_texts(key: &str, iv: &str) -> Result<Self, CipherError> {
        let sixteen = |text: &str| <[u8; 16]>::try_from(text.as_bytes()).map_err(|_| CipherError::Length);
        Ok(Self { key: sixteen(key)?, iv: sixteen(iv)? })
    }

    /// Encrypts and writes in Base64 (standard alphabet, padded).
    #[must_use]
    pub fn seal(&self, plain: &[u8]) -> String {
        let encryptor = Encryptor::<Aes128>::new(&self.key.into(), &self.iv.into());
        BASE64_STANDARD.encode(encryptor.encrypt_padded_vec::<Pkcs7>(plain))
    }

    /// Reads Base64 and decrypts.
    ///
    /// # Errors
    /// When the text is not Base64 or was not sealed with this key and IV.
    pub fn open(&self, base64: &str) -> Result<Vec<u8>, CipherError> {
        let sealed = BASE64_STANDARD.decode(base64.trim()).map_err(|_| CipherError::Base64)?;
        let decryptor = Decryptor::<Aes128>::new(&self.key.into(), &self.iv.into());
        decryptor.decrypt_padded_vec::<Pkcs7>(&sealed).map_err(|_| CipherError::Padding)
    }
}

#[cfg(test)]
mod tests;
