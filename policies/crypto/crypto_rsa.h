/*
 * crypto_rsa.h - reads an RSA private key (RFC 8017 A.1.2); only for the files crypto*.c.
 */
#ifndef ASSAY_CRYPTO_RSA_H
#define ASSAY_CRYPTO_RSA_H

struct evp_pkey_st;

/* Returns OpenSSL's EVP_PKEY, which the caller frees. NULL if it is not an RSAPrivateKey with two
 * primes, or its numbers contradict each other. */
struct evp_pkey_st *crypto_rsa_read(const unsigned char *der, long length);

#endif
