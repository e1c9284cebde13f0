/*
 * crypto_rsa.h - reads an RSA private key (RFC 8017 A.1.2); of the files crypto*.c alone.
 */
#ifndef ASSAY_CRYPTO_RSA_H
#define ASSAY_CRYPTO_RSA_H

struct evp_pkey_st;

/* OpenSSL's EVP_PKEY, which the caller frees. NULL where it is no RSAPrivateKey of two primes, or
 * its numbers do not belong together. */
struct evp_pkey_st *crypto_rsa_read(const unsigned char *der, long length);

#endif
