// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title PoolAddress
/// @notice Pool addresses from factory and init-code hash: never from a solver. The table is Ethereum's.
library PoolAddress {
    address private constant UNISWAP_V2 = 0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f;
    bytes32 private constant UNISWAP_V2_CODE = 0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f;
    address private constant SUSHI_V2 = 0xC0AEe478e3658e2610c5F7A4A2E1777cE9e4f2Ac;
    bytes32 private constant SUSHI_V2_CODE = 0xe18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303;
    address private constant UNISWAP_V3 = 0x1F98431c8aD98523631AE4a59f267346ea31F984;
    bytes32 private constant UNISWAP_V3_CODE = 0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54;

    /// @dev The pair of two tokens, in either order, and the share of the input that it swaps, in thousandths.
    function v2(uint256 row, address tokenA, address tokenB) internal pure returns (address pair, uint256 kept) {
        (address token0, address token1) = sort(tokenA, tokenB);
        bytes32 salt = keccak256(abi.encodePacked(token0, token1));
        if (row == 15) return (_create2(UNISWAP_V2, salt, UNISWAP_V2_CODE), 997);
        if (row == 0) return (_create2(SUSHI_V2, salt, SUSHI_V2_CODE), 997);
        revert ISettlement.UnknownFactory(uint8(row));
    }

    /// @dev The V3 pool of two tokens, in either order, with a fee in millionths.
    function v3(uint256 row, address tokenA, address tokenB, uint24 fee) internal pure returns (address) {
        (address token0, address token1) = sort(tokenA, tokenB);
        if (row == 15) return _create2(UNISWAP_V3, keccak256(abi.encode(token0, token1, fee)), UNISWAP_V3_CODE);
        revert ISettlement.UnknownFactory(uint8(row));
    }

    /// @dev The order in which every factory keeps two tokens.
    function sort(address tokenA, address tokenB) internal pure returns (address token0, address token1) {
        return tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
    }

    function _create2(address factory, bytes32 salt, bytes32 codeHash) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", factory, salt, codeHash)))));
    }
}
